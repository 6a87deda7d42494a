// The example domains with a real broker behind their routes: from the command to what the broker
// holds, which carries the ids that a trace of it shows.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "harness/kafka/kafka_reader.h"
#include "harness/kafka/kafka_server.h"
#include "harness/nats/nats_reader.h"
#include "harness/nats/nats_server.h"
#include "integration/daemon_fixture.h"
#include "nexus/v1/command.grpc.pb.h"

namespace nexus::integration {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a broker holds of one event: its attributes by their names in CloudEvents.
struct Delivered {
  std::map<std::string, std::string> attributes;
  std::string data;
};

class ExampleBrokersTest : public DaemonFixture {
 protected:
  static std::string Variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }
  // The example as it is, but for where its route goes.
  void Apply(const std::string& example, const std::string& route) {
    StartDaemon();
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
    const fs::path copy = folder_ / example;
    fs::copy(Variable("NEXUS_SOURCE_DIR") + "/examples/" + example, copy,
             fs::copy_options::recursive);
    std::ofstream(copy / "route.yaml") << route;
    ASSERT_EQ(Nexusctl("apply -f " + copy.string()), 0) << output_;
  }
  // Its output is in output_ afterwards.
  int Nexusctl(const std::string& arguments) {
    harness::ChildOptions options;
    options.command = {"/bin/bash", "-c", Variable("NEXUS_BIN_DIR") + "/nexusctl " + arguments};
    options.environment = {{"NEXUS_SERVER", daemon_->endpoints().grpc}};
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Minutes(1));
    output_ = (*child)->Output();
    return exit.ok() ? exit->code.value_or(-1) : -1;
  }
  // The reason that it is refused for; "": it was stored.
  std::string Execute(const std::string& type, const std::string& data,
                      std::optional<uint64_t> expected = {},
                      const std::map<std::string, std::string>& metadata = {}) {
    v1::ExecuteRequest request;
    v1::Command& command = *request.mutable_command();
    command.set_type(type);
    command.set_data(data);
    command.set_correlation_id(kCase);
    command.mutable_metadata()->insert(metadata.begin(), metadata.end());
    if (expected.has_value()) request.mutable_expected_revision()->set_exact(*expected);
    v1::ExecuteResponse receipt;
    return ReasonOf(commands_->Execute(Context().get(), request, &receipt));
  }
  // Once for each event, in the order of the stream.
  static std::vector<Delivered> InOrder(const std::vector<Delivered>& all) {
    std::map<uint64_t, Delivered> by_revision;
    for (const Delivered& one : all) {
      by_revision[std::stoull(one.attributes.at("sequence"))] = one;
    }
    std::vector<Delivered> events;
    for (auto& [revision, event] : by_revision) events.push_back(std::move(event));
    return events;
  }
  static std::vector<std::string> TypesOf(const std::vector<Delivered>& events) {
    std::vector<std::string> types;
    for (const Delivered& event : events) types.push_back(event.attributes.at("type"));
    return types;
  }
  // Each is a node of the trace, with the same ids.
  void ExpectTraced(const std::vector<Delivered>& events) {
    ASSERT_EQ(Nexusctl(absl::StrCat("trace ", kCase, " -o jsonl")), 0) << output_;
    const std::vector<std::string> nodes = absl::StrSplit(output_, '\n');
    for (const Delivered& event : events) {
      const auto at = [&](const char* name) { return event.attributes.at(name); };
      const auto text = [](const char* name, const std::string& value) {
        return HasSubstr(absl::StrCat("\"", name, "\":\"", value, "\""));
      };
      const auto number = [](const char* name, const std::string& value) {
        return HasSubstr(absl::StrCat("\"", name, "\":", value, ","));
      };
      EXPECT_EQ(at("nexuscorrelationid"), kCase);
      EXPECT_THAT(nodes,
                  Contains(AllOf(
                      text("kind", "event"), text("id", at("id")), text("stream", at("subject")),
                      text("causation_id", at("nexuscausationid")),
                      text("decision_id", at("nexusdecisionid")),
                      number("position", at("nexusposition")), number("revision", at("sequence")))))
          << output_;
      // What led to it is the command.
      EXPECT_THAT(nodes,
                  Contains(AllOf(text("kind", "command"), text("id", at("nexuscausationid")))))
          << output_;
    }
  }

  static constexpr char kCase[] = "case-7";
  std::string output_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
};

TEST_F(ExampleBrokersTest, OrdersReachKafka) {
  constexpr char kTopic[] = "orders";
  constexpr int kPartitions = 3;
  const absl::Status programs = harness::KafkaServer::FindPrograms();
  if (!fake::Require(programs.ok(), programs.message())) return;
  auto kafka = harness::KafkaServer::Start();
  ASSERT_TRUE(kafka.ok()) << kafka.status();
  const absl::Status created = (*kafka)->CreateTopic(kTopic, kPartitions);
  ASSERT_TRUE(created.ok()) << created;
  Apply("orders",
        absl::StrCat("apiVersion: nexus/v1\nkind: Route\nmetadata: {name: orders}\nspec:\n",
                     "  match: {categories: [order]}\n  sink: {kind: kafka, settings: ",
                     "{brokers: \"", (*kafka)->brokers(), "\", topic: ", kTopic, "}}\n"));

  const std::string place =
      R"({"orderId":"1","customerId":"ann","lines":[{"sku":"tea","quantity":2,"price":450}]})";
  EXPECT_EQ(Execute("PlaceOrder", R"({"orderId":"1","customerId":"ann","lines":[]})"),
            "SCHEMA_VIOLATION");
  EXPECT_EQ(Execute("PlaceOrder", place), "");
  const std::string ship = R"({"orderId":"1","carrier":"post"})";
  EXPECT_EQ(Execute("ShipOrder", ship, 7), "REVISION_CONFLICT");
  EXPECT_EQ(Execute("ShipOrder", ship, 0), "");
  const std::string cancel = R"({"orderId":"1","reason":"too late"})";
  EXPECT_EQ(Execute("CancelOrder", cancel), "POLICY_DENIED");
  EXPECT_EQ(Execute("CancelOrder", cancel, {}, {{"reason", "ann called"}}), "COMMAND_REJECTED");
  // Behind all of it, so that what was refused would have come before.
  EXPECT_EQ(Execute("PlaceOrder", absl::StrReplaceAll(place, {{R"("1")", R"("2")"}})), "");

  std::vector<Delivered> all;
  const auto records = harness::ReadTopic((*kafka)->brokers(), kTopic, kPartitions,
                                          [](const auto& so_far) {
                                            std::set<std::string> ids;
                                            for (const auto& record : so_far)
                                              ids.insert(record.headers.at("ce_id"));
                                            return ids.size() >= 3;
                                          },
                                          absl::Minutes(2));
  ASSERT_TRUE(records.ok()) << records.status();
  std::vector<Delivered> first;
  for (const harness::KafkaRecord& record : *records) {
    Delivered event{{}, record.value};
    for (const auto& [name, value] : record.headers) {
      absl::string_view attribute = name;
      if (absl::ConsumePrefix(&attribute, "ce_")) event.attributes[std::string(attribute)] = value;
    }
    EXPECT_EQ(record.key, event.attributes.at("subject"));
    all.push_back(event);
    if (record.key == "order-1") first.push_back(event);
  }
  first = InOrder(first);
  EXPECT_THAT(TypesOf(first), ElementsAre("OrderPlaced.v1", "OrderShipped.v1"));
  EXPECT_THAT(first.front().data, HasSubstr(R"("total":900)"));
  ExpectTraced(all);
}

TEST_F(ExampleBrokersTest, ReadingsOfSensorsReachNats) {
  const absl::Status programs = harness::NatsServer::FindPrograms();
  if (!fake::Require(programs.ok(), programs.message())) return;
  auto nats = harness::NatsServer::Start();
  ASSERT_TRUE(nats.ok()) << nats.status();
  Apply("iot", absl::StrCat("apiVersion: nexus/v1\nkind: Route\nmetadata: {name: sensors}\nspec:\n",
                            "  match: {categories: [sensor]}\n  sink: {kind: nats, settings: ",
                            "{servers: \"", (*nats)->address(),
                            "\", stream: sensors, subject: \"sensors.<type>.<stream>\", ",
                            "declare: true}}\n"));

  EXPECT_EQ(Execute("RecordReading", R"({"sensorId":"t1","value":20,"sequence":1})"),
            "COMMAND_REJECTED");
  EXPECT_EQ(Execute("RegisterSensor",
                    R"({"sensorId":"t1","kind":"temperature","unit":"C","threshold":30})"),
            "");
  EXPECT_EQ(Execute("RecordReading", R"({"sensorId":"t1","value":"31","sequence":1})"),
            "SCHEMA_VIOLATION");
  const std::string reading = R"({"sensorId":"t1","value":31,"sequence":1})";
  EXPECT_EQ(Execute("RecordReading", reading, 4), "REVISION_CONFLICT");
  EXPECT_EQ(Execute("RecordReading", reading, 0), "");
  const std::string alert = R"({"sensorId":"t1","message":"too hot"})";
  EXPECT_EQ(Execute("TriggerAlert", alert), "POLICY_DENIED") << "critical, and nobody owns it";
  EXPECT_EQ(Execute("TriggerAlert", alert, {}, {{"owner", "plant-2"}}), "");

  auto reader = harness::NatsReader::Connect((*nats)->port());
  ASSERT_TRUE(reader.ok()) << reader.status();
  // The sink declares the stream when it first delivers.
  absl::StatusOr<std::vector<harness::NatsRecord>> records;
  ASSERT_TRUE(fake::Eventually(
      [&] {
        records = (*reader)->Read(
            "sensors", [](const auto& so_far) { return so_far.size() >= 3; }, absl::Seconds(5));
        return records.ok();
      },
      absl::Minutes(2)))
      << records.status();
  std::vector<Delivered> events;
  for (const harness::NatsRecord& record : *records) {
    Delivered event{{}, record.data};
    for (const auto& [name, value] : record.headers) {
      absl::string_view attribute = name;
      if (absl::ConsumePrefix(&attribute, "ce-")) event.attributes[std::string(attribute)] = value;
    }
    EXPECT_EQ(record.headers.at("Nats-Msg-Id"), event.attributes.at("id"));
    EXPECT_THAT(record.subject, HasSubstr(".sensor-t1"));
    events.push_back(std::move(event));
  }
  events = InOrder(events);
  EXPECT_THAT(TypesOf(events),
              ElementsAre("SensorRegistered.v1", "ReadingRecorded.v1", "AlertTriggered.v1"));
  EXPECT_THAT(events[1].data, HasSubstr(R"("value":31)"));
  ExpectTraced(events);
}

}  // namespace
}  // namespace nexus::integration
