// Snapshots of a domain's aggregates, by the real daemon and nexusctl.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "http/raw_connection.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/snapshot.grpc.pb.h"
#include "nexus/v1/command.grpc.pb.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kCounterScript[] = R"js(
export const initial = { sum: 0, events: 0 };
export function evolve(state, event) {
  return { sum: state.sum + event.data.by, events: state.events + 1 };
}
export function decide(state, command, ctx) {
  if (command.data.by < 0 && state.sum + command.data.by < 0) {
    return ctx.reject("too_low", { sum: state.sum });
  }
  const out = [];
  for (let i = 0; i < (command.data.times ?? 1); i++) {
    out.push({ type: "Counted", data: { by: command.data.by } });
  }
  return out;
}
)js";

class SnapshotsTest : public DaemonFixture {
 protected:
  void SetUp() override {
    Write("domain.yaml", "apiVersion: nexus/v1\nkind: Domain\nmetadata: {name: counting}\n");
    Write("counter.js", kCounterScript);
    Write("counter.yaml", R"({"apiVersion": "nexus/v1", "kind": "Aggregate",
      "metadata": {"name": "counter"}, "spec": {"script": "counter.js", "id": "/id",
      "commands": ["Count"], "events": ["Counted"],
      "snapshots": {"mode": "fixed", "events": 50, "keep": 2}}})");
    Write("count.yaml", R"({"apiVersion": "nexus/v1", "kind": "Schema",
      "metadata": {"name": "Count"}, "spec": {"definition": {"type": "object",
      "required": ["id", "by"], "properties": {"id": {"type": "string"},
      "by": {"type": "integer"}, "times": {"type": "integer"}}}}})");
    Write("counted.yaml", R"({"apiVersion": "nexus/v1", "kind": "Schema",
      "metadata": {"name": "Counted"}, "spec": {"definition": {"type": "object",
      "required": ["by"], "properties": {"by": {"type": "integer"}}}}})");
    Begin();
    ASSERT_EQ(Nexusctl("apply -f " + std::string(folder_ / "counting")), 0) << output_;
  }
  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(folder_ / "counting");
    std::ofstream(folder_ / ("counting/" + name)) << text;
  }
  void Begin(std::vector<std::string> arguments = {}) {
    StartDaemon(std::move(arguments));
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
    snapshots_ = admin::v1::SnapshotService::NewStub(daemon_->Channel());
  }
  void Restart(std::vector<std::string> arguments = {}) {
    const auto exit = daemon_->Terminate();
    ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
    Begin(std::move(arguments));
  }
  int Nexusctl(const std::string& arguments) {
    harness::ChildOptions options;
    options.command = {"/bin/bash", "-c",
                       absl::StrCat(std::getenv("NEXUS_BIN_DIR"), "/nexusctl ", arguments)};
    options.environment = {{"NEXUS_SERVER", daemon_->endpoints().grpc}};
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Minutes(1));
    output_ = (*child)->Output();
    return exit.ok() ? exit->code.value_or(-1) : -1;
  }
  grpc::Status Count(const std::string& id, int by, int times = 1) {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type("Count");
    request.mutable_command()->set_data(
        absl::StrCat(R"({"id":")", id, R"(","by":)", by, R"(,"times":)", times, "}"));
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, &ignored);
  }
  std::vector<admin::v1::Snapshot> List(int page_size = 0) {
    std::vector<admin::v1::Snapshot> all;
    admin::v1::ListSnapshotsRequest request;
    request.set_page_size(page_size);
    do {
      admin::v1::ListSnapshotsResponse page;
      const grpc::Status status = snapshots_->ListSnapshots(Context().get(), request, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      all.insert(all.end(), page.snapshots().begin(), page.snapshots().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  // The sum of a metric's series.
  double Metric(const std::string& name) {
    double sum = 0;
    for (const absl::string_view line : absl::StrSplit(Metrics(), '\n')) {
      if (!absl::StartsWith(line, name + " ") && !absl::StartsWith(line, name + "{")) continue;
      double value = 0;
      if (absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) sum += value;
    }
    return sum;
  }
  std::string Metrics() {
    http::RawConnection connection(daemon_->endpoints().http);
    connection.Send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return connection.ReadAll();
  }

  std::string output_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
  std::unique_ptr<admin::v1::SnapshotService::Stub> snapshots_;
};

TEST_F(SnapshotsTest, AfterARestartAnAggregateBeginsWithItsSnapshot) {
  ASSERT_TRUE(Count("a", 1, 60).ok());
  ASSERT_TRUE(fake::Eventually([&] { return List().size() == 1; }));
  const admin::v1::Snapshot made = List()[0];
  EXPECT_EQ(made.stream(), "counter-a");
  EXPECT_EQ(made.revision(), 59u);
  EXPECT_EQ(made.events(), 60u);
  EXPECT_TRUE(made.current());
  EXPECT_EQ(Metric("nexus_snapshots_made_total"), 1);
  EXPECT_EQ(Metric("nexus_snapshots_delay_seconds_count"), 1);
  EXPECT_EQ(Metric("nexus_snapshots_delay_seconds_bucket{le=\"5\"}"), 1) << Metrics();
  ASSERT_TRUE(Count("a", 1, 5).ok());
  Restart();
  EXPECT_EQ(ReasonOf(Count("a", -66)), "COMMAND_REJECTED");
  EXPECT_TRUE(Count("a", -65).ok());
  EXPECT_EQ(Metric("nexus_snapshots_used_total"), 1);
  EXPECT_EQ(Metric("nexus_snapshots_replay_saved_total"), 60);
  EXPECT_EQ(Metric("nexus_aggregate_loaded_events_total"), 5);
}

TEST_F(SnapshotsTest, OtherCodeMakesTheStateOfEvents) {
  ASSERT_TRUE(Count("a", 1, 60).ok());
  ASSERT_TRUE(fake::Eventually([&] { return List().size() == 1; }));
  Write("counter.js", absl::StrCat(kCounterScript, "// changed"));
  ASSERT_EQ(Nexusctl("apply -f " + std::string(folder_ / "counting")), 0) << output_;
  EXPECT_FALSE(List()[0].current());
  EXPECT_EQ(ReasonOf(Count("a", -61)), "COMMAND_REJECTED");
  EXPECT_EQ(Metric("nexus_snapshots_ignored_total{reason=\"code\"}"), 1);
  EXPECT_EQ(Metric("nexus_snapshots_used_total"), 0);
}

TEST_F(SnapshotsTest, WithoutSnapshotsCommandsGoOn) {
  ASSERT_TRUE(Count("a", 1, 60).ok());
  ASSERT_TRUE(fake::Eventually([&] { return List().size() == 1; }));
  Restart({"--set", "snapshots.enabled=false"});
  EXPECT_EQ(ReasonOf(Count("a", -61)), "COMMAND_REJECTED");
  EXPECT_EQ(Metric("nexus_aggregate_loaded_events_total"), 60);
  admin::v1::CreateSnapshotRequest request;
  request.set_stream("counter-a");
  admin::v1::Snapshot ignored;
  EXPECT_EQ(ReasonOf(snapshots_->CreateSnapshot(Context().get(), request, &ignored)),
            "UNIMPLEMENTED");
}

TEST_F(SnapshotsTest, NexusctlListsShowsMakesAndRemovesThem) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(Count(id, 2, 3).ok());
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_EQ(Nexusctl(absl::StrCat("snapshot make counter-", id)), 0) << output_;
  }
  EXPECT_EQ(List(1).size(), 3u) << "in pages of one";
  ASSERT_EQ(Nexusctl("snapshot ls -o table"), 0) << output_;
  for (const char* id : {"a", "b", "c"})
    EXPECT_THAT(output_, HasSubstr(absl::StrCat("counter-", id)));
  ASSERT_EQ(Nexusctl("snapshot ls counter-b -o jsonl"), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("\"events\":3"));
  EXPECT_THAT(output_, ::testing::Not(HasSubstr("counter-a")));
  ASSERT_EQ(Nexusctl("snapshot show counter-b -o json"), 0) << output_;
  EXPECT_THAT(output_, HasSubstr(R"("state":{"sum":6,"events":3})"));
  ASSERT_EQ(Nexusctl("snapshot rm counter-b"), 0) << output_;
  EXPECT_EQ(List().size(), 2u);
  EXPECT_NE(Nexusctl("snapshot show counter-b"), 0);
  EXPECT_THAT(output_, HasSubstr("NOT_FOUND"));
  EXPECT_NE(Nexusctl("snapshot make counter-none"), 0);
  EXPECT_THAT(output_, HasSubstr("STREAM_NOT_FOUND"));
  EXPECT_NE(Nexusctl("snapshot make parcel-1"), 0);
  EXPECT_THAT(output_, HasSubstr("NOT_FOUND"));
}

TEST_F(SnapshotsTest, WhoMakesReadsAndRemovesThemIsWrittenDown) {
  ASSERT_TRUE(Count("a", 1, 3).ok());
  const auto told = [this] {
    std::vector<std::string> events;
    for (const v1::Event& event : ReadStream("$audit")) {
      if (event.type() == "$admin-action" && absl::StrContains(event.data(), "SnapshotService")) {
        events.push_back(event.data());
      }
    }
    return events;
  };
  ASSERT_EQ(Nexusctl("snapshot make counter-a"), 0) << output_;
  ASSERT_EQ(Nexusctl("snapshot ls"), 0) << output_;
  ASSERT_EQ(Nexusctl("snapshot show counter-a"), 0) << output_;
  ASSERT_EQ(Nexusctl("snapshot rm counter-a"), 0) << output_;
  EXPECT_NE(Nexusctl("snapshot make counter-none"), 0);
  ASSERT_TRUE(fake::Eventually([&] { return told().size() >= 4; }));
  const std::vector<std::string> events = told();
  EXPECT_EQ(events.size(), 4u) << "to list them is nothing to tell";
  const auto tells = [](const char* method, const char* stream, const char* outcome) {
    return ::testing::AllOf(HasSubstr(absl::StrCat("nexus.admin.v1.SnapshotService/", method)),
                            HasSubstr(absl::StrCat("\"subject\":\"", stream, "\"")),
                            HasSubstr(absl::StrCat("\"outcome\":\"", outcome, "\"")));
  };
  EXPECT_THAT(events, ::testing::UnorderedElementsAre(
                          tells("CreateSnapshot", "counter-a", "OK"),
                          tells("GetSnapshot", "counter-a", "OK"),
                          tells("DeleteSnapshot", "counter-a", "OK"),
                          tells("CreateSnapshot", "counter-none", "STREAM_NOT_FOUND")));
}

}  // namespace
}  // namespace nexus::integration
