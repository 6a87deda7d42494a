// Framed values on their way through: written by Confluent's serializers, appended, read back bare,
// delivered to a real Kafka in frames, and read there by Confluent's deserializers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fake/requirement.h"
#include "harness/kafka/kafka_reader.h"
#include "harness/kafka/kafka_server.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kTopic[] = "nexus.events";
constexpr char kHeader[] = "__value_schema_id";

// One line of what frames.cjs writes and reads.
struct Value {
  std::string type;
  std::string content_type;
  std::string bytes;
  std::string header;
};

std::vector<Value> ReadValues(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<Value> values;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    EXPECT_EQ(fields.size(), 4u) << line;
    if (fields.size() != 4) continue;
    values.push_back({fields[0], fields[1], absl::HexStringToBytes(fields[2]),
                      absl::HexStringToBytes(fields[3])});
  }
  return values;
}

void WriteValues(const std::string& path, const std::vector<Value>& values) {
  std::ofstream file(path);
  for (const Value& value : values) {
    file << value.type << '\t' << value.content_type << '\t' << absl::BytesToHexString(value.bytes)
         << '\t' << absl::BytesToHexString(value.header) << '\n';
  }
}

class FramedValues : public DaemonFixture {
 protected:
  static std::string Variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }
  static std::string Node() {
    for (const char* program : {"/usr/bin/node", "/usr/local/bin/node"}) {
      if (access(program, X_OK) == 0) return program;
    }
    return "";
  }
  static std::string Modules() {
    return absl::StrCat(Variable("NEXUS_TOOLS"), "/schemaregistry-1.10.1/node_modules");
  }

  void SetUp() override {
    const absl::Status kafka = harness::KafkaServer::FindPrograms();
    fake::Require(kafka.ok() && !Node().empty() && access(Modules().c_str(), R_OK) == 0,
                  "no Kafka, no node, or no @confluentinc/schemaregistry: scripts/install test");
  }
  void RunScript(const std::string& mode, const std::string& file) {
    harness::ChildOptions script;
    script.command = {
        Node(), absl::StrCat(Variable("NEXUS_SOURCE_DIR"), "/tests/confluent/frames.cjs"), mode,
        absl::StrCat("http://", daemon_->endpoints().http, "/schema-registry"), file};
    script.environment = {{"NODE_PATH", Modules()}};
    const auto child = harness::ChildProcess::Start(script);
    ASSERT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Seconds(120));
    ASSERT_TRUE(exit.ok() && exit->Succeeded()) << (*child)->Output();
    ASSERT_THAT((*child)->Output(), HasSubstr("values passed"));
  }
  // On a busy machine the policy may not answer in time; that says to try again.
  std::string AppendReason(const v1::AppendRequest& request) {
    const absl::Time patience = absl::Now() + kPatience;
    while (true) {
      const grpc::Status status = Append(request);
      const std::string reason = ReasonOf(status);
      if (reason != "POLICY_UNAVAILABLE" || absl::Now() > patience) {
        return reason.empty() ? "" : absl::StrCat(reason, ": ", status.error_message());
      }
    }
  }
  static v1::AppendRequest RequestFor(const Value& value, const std::string& stream) {
    v1::AppendRequest request = OneEvent(stream, value.type, value.bytes);
    v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
    event.set_content_type(value.content_type);
    event.mutable_routing()->set_max_latency_ms(100);  // critical: to Kafka
    if (!value.header.empty()) {
      (*event.mutable_metadata())[kHeader] = absl::Base64Escape(value.header);
    }
    return request;
  }
  // What the serializers wrote, appended: one stream for each value.
  void AppendAll() {
    const std::string file = folder_ / "values";
    ASSERT_NO_FATAL_FAILURE(RunScript("serialize", file));
    values_ = ReadValues(file);
    ASSERT_EQ(values_.size(), 6u);
    for (size_t i = 0; i < values_.size(); ++i) {
      ASSERT_EQ(AppendReason(RequestFor(values_[i], absl::StrCat("order-", i))), "")
          << values_[i].type << " " << values_[i].content_type;
    }
  }
  // The values of all appended events, as a consumer has them.
  void Consume(std::vector<harness::KafkaRecord>& records) {
    const auto read = harness::ReadTopic(
        kafka_->brokers(), kTopic, 1,
        [&](const auto& so_far) {
          std::set<std::string> ids;
          for (const harness::KafkaRecord& record : so_far) ids.insert(record.headers.at("ce_id"));
          return ids.size() >= values_.size();
        },
        absl::Minutes(2));
    ASSERT_TRUE(read.ok()) << read.status();
    records = *read;
  }
  void StartWithKafka(const std::string& framing) {
    auto kafka = harness::KafkaServer::Start();
    ASSERT_TRUE(kafka.ok()) << kafka.status();
    kafka_ = *std::move(kafka);
    const absl::Status created = kafka_->CreateTopic(kTopic, 1);
    ASSERT_TRUE(created.ok()) << created;
    StartDaemon({"--set", absl::StrCat("route.kafka.brokers=", kafka_->brokers()), "--set",
                 absl::StrCat("route.kafka.framing=", framing)});
  }
  void ReadWithDeserializers(const std::vector<harness::KafkaRecord>& records) {
    std::vector<Value> delivered;
    for (const harness::KafkaRecord& record : records) {
      const std::string type = record.headers.at("ce_type");  // order.json.v1
      const auto header = record.headers.find(kHeader);
      delivered.push_back({type.substr(0, type.rfind(".v")), record.headers.at("content-type"),
                           record.value, header == record.headers.end() ? "" : header->second});
    }
    const std::string file = folder_ / "delivered";
    WriteValues(file, delivered);
    RunScript("deserialize", file);
  }

  std::unique_ptr<harness::KafkaServer> kafka_;
  std::vector<Value> values_;
};

TEST_F(FramedValues, OfConfluentsSerializersAreStoredBare) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon({"--set", "route.enabled=false"}));
  ASSERT_NO_FATAL_FAILURE(AppendAll());
  for (size_t i = 0; i < values_.size(); i += 2) {
    // With the id in front of the data, and with the GUID in a header: the same event.
    const Value& bare = values_[i + 1];
    const std::vector<v1::Event> framed_event = ReadStream(absl::StrCat("order-", i));
    const std::vector<v1::Event> header_event = ReadStream(absl::StrCat("order-", i + 1));
    for (const std::vector<v1::Event>* events : {&framed_event, &header_event}) {
      ASSERT_EQ(events->size(), 1u);
      const v1::Event& event = events->front();
      EXPECT_EQ(event.data(), bare.bytes) << bare.type;
      EXPECT_EQ(event.content_type(), bare.content_type);
      EXPECT_EQ(event.schema_version(), 1u);
      EXPECT_TRUE(event.metadata().empty());
    }
    EXPECT_TRUE(absl::EndsWith(values_[i].bytes, bare.bytes));
  }
}

TEST_F(FramedValues, ThatAreWrongAreRefusedAndNotStored) {
  ASSERT_NO_FATAL_FAILURE(StartDaemon({"--set", "route.enabled=false"}));
  ASSERT_NO_FATAL_FAILURE(AppendAll());
  const auto reason = [&](const Value& original, const std::string& bytes) {
    Value value = original;
    value.bytes = bytes;
    const std::string answer = AppendReason(RequestFor(value, "wrong-1"));
    return answer.substr(0, answer.find(':'));
  };
  std::map<std::string, Value> framed;
  for (size_t i = 0; i < values_.size(); i += 2) framed[values_[i].type] = values_[i];
  for (const auto& [type, value] : framed) {
    EXPECT_EQ(reason(value, value.bytes.substr(0, 3)), "MALFORMED_FRAME") << type;
    EXPECT_EQ(reason(value, "\x07" + value.bytes.substr(1)), "MALFORMED_FRAME") << type;
    EXPECT_EQ(reason(value, absl::StrCat(std::string("\0\0\0\x7f\x01", 5), value.bytes.substr(5))),
              "SCHEMA_NOT_REGISTERED")
        << type;
    for (const auto& [other_type, other] : framed) {
      if (other_type == type) continue;
      EXPECT_EQ(reason(value, other.bytes), "SCHEMA_NOT_REGISTERED") << type << other_type;
    }
  }
  const Value& proto = framed["order.protobuf"];
  const std::string id = proto.bytes.substr(0, 5);
  const std::string data = proto.bytes.substr(6);
  EXPECT_EQ(reason(proto, absl::StrCat(id, "\x02\x0e", data)), "MALFORMED_FRAME");
  EXPECT_EQ(reason(proto, absl::StrCat(id, "\x7f", data)), "MALFORMED_FRAME");
  EXPECT_EQ(reason(proto, absl::StrCat(id, std::string(1, '\0'), data, "\xff")),
            "SCHEMA_VIOLATION");
  const Value& avro = framed["order.avro"];
  v1::DeleteSchemaRequest deletion;
  deletion.set_subject("order.avro");
  v1::DeleteSchemaResponse deleted;
  ASSERT_TRUE(schemas_->DeleteSchema(Context().get(), deletion, &deleted).ok());
  EXPECT_EQ(reason(avro, avro.bytes), "SCHEMA_NOT_REGISTERED");
  EXPECT_TRUE(ReadStream("wrong-1").empty());
}

TEST_F(FramedValues, ReachConfluentsDeserializersThroughKafka) {
  ASSERT_NO_FATAL_FAILURE(StartWithKafka("confluent"));
  ASSERT_NO_FATAL_FAILURE(AppendAll());
  std::vector<harness::KafkaRecord> records;
  ASSERT_NO_FATAL_FAILURE(Consume(records));
  for (const harness::KafkaRecord& record : records) {
    // What went in with the id in front comes out so, byte for byte.
    const size_t place = std::stoul(record.key.substr(record.key.find('-') + 1)) / 2 * 2;
    EXPECT_EQ(record.value, values_[place].bytes) << record.key;
    EXPECT_EQ(record.headers.at("content-type"), values_[place].content_type);
    EXPECT_EQ(record.headers.count(kHeader), 0u);
  }
  ReadWithDeserializers(records);
}

TEST_F(FramedValues, ReachConfluentsDeserializersWithTheirSchemaInAHeader) {
  ASSERT_NO_FATAL_FAILURE(StartWithKafka("confluent_header"));
  ASSERT_NO_FATAL_FAILURE(AppendAll());
  std::vector<harness::KafkaRecord> records;
  ASSERT_NO_FATAL_FAILURE(Consume(records));
  for (const harness::KafkaRecord& record : records) {
    const size_t place = std::stoul(record.key.substr(record.key.find('-') + 1)) / 2 * 2 + 1;
    EXPECT_EQ(record.value, values_[place].bytes) << record.key;
    EXPECT_EQ(record.headers.at("content-type"), values_[place].content_type);
    EXPECT_EQ(record.headers.at(kHeader), values_[place].header) << record.key;
  }
  ReadWithDeserializers(records);
}

}  // namespace
}  // namespace nexus::integration
