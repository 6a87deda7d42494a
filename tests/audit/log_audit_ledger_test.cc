#include "audit/log_audit_ledger.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_log.h"

namespace nexus::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Refuses as long as it is told to, then is the log behind it.
class FaultyLog : public LogBackend {
 public:
  explicit FaultyLog(LogBackend& log) : log_(log) {}

  void Propose(Commit commit, CommitDone done) override {
    proposed.push_back(commit);
    if (!fault.ok()) {
      done(fault);
    } else if (holding) {
      held.emplace_back(std::move(commit), std::move(done));
    } else {
      log_.Propose(std::move(commit), std::move(done));
    }
  }
  void Release() {
    holding = false;
    for (auto& [commit, done] : std::exchange(held, {})) {
      log_.Propose(std::move(commit), std::move(done));
    }
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override {
    return log_.FindCommit(candidate);
  }
  void SetHeadListener(HeadListener listener) override {
    log_.SetHeadListener(std::move(listener));
  }
  absl::Status Health() override { return log_.Health(); }
  void Drain() override { log_.Drain(); }

  absl::Status fault;
  bool holding = false;
  std::vector<std::pair<Commit, CommitDone>> held;
  std::vector<Commit> proposed;

 private:
  LogBackend& log_;
};

class LogAuditLedgerTest : public ::testing::Test {
 protected:
  std::string Deny(const std::string& principal, const std::string& stream) {
    return ledger_.Deny({principal, "append", stream, "order.placed", "POLICY_DENIED", "r1"}, [&] {
      Denial denial;
      denial.client = {principal, "jwt", "ipv4:10.0.0.7:512", ""};
      denial.operation = "append";
      denial.stream = stream;
      denial.type = "order.placed";
      denial.reason = "POLICY_DENIED";
      denial.rules = {"r1"};
      denial.places = {{"streams[0].events[0].data", "/total", "minimum"}};
      denial.payload_digest = "aa";
      denial.policy_revision = "rev";
      denial.correlation_id = "c-1";
      return denial;
    });
  }
  void Record(const std::string& outcome, const std::string& peer) {
    AuditRecord record;
    record.type = std::string(kAuthenticationFailedType);
    record.client.peer = peer;
    record.action = "nexus.v1.EventStoreService/Append";
    record.outcome = outcome;
    ledger_.Record(std::move(record));
  }
  // Time passes in steps, as timers want it.
  void Pass(absl::Duration time) {
    for (absl::Duration done; done < time; done += absl::Milliseconds(100)) {
      clock_.Advance(absl::Milliseconds(100));
      executor_.Advance(absl::Milliseconds(100));
    }
  }
  std::vector<std::string> DataOf(absl::string_view stream) {
    const auto page =
        memory_.ReadStream(StreamName::Literal(stream), Revision(0), Direction::kForward, {});
    std::vector<std::string> data;
    if (page.ok()) {
      for (const RecordedEvent& event : page->events) data.emplace_back(event.data);
    }
    return data;
  }

  fake::ManualClock clock_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  fake::SequentialIds ids_;
  storage::MemoryLog memory_;
  FaultyLog log_{memory_};
  LogAuditLedger ledger_{{log_, executor_, clock_, ids_, metrics_}, absl::Seconds(10)};
};

TEST_F(LogAuditLedgerTest, WritesARefusalInTheBackground) {
  const std::string id = Deny("shop", "order-1");
  EXPECT_THAT(DataOf("$denials"), IsEmpty());
  EXPECT_THAT(ledger_.PendingDenial(id), ::testing::Optional(HasSubstr("order-1")));
  Pass(absl::Milliseconds(200));
  EXPECT_FALSE(ledger_.PendingDenial(id).has_value());
  const auto page =
      memory_.ReadStream(StreamName::Literal("$denials"), Revision(0), Direction::kForward, {});
  ASSERT_TRUE(page.ok()) << page.status();
  const RecordedEvent& event = page->events.at(0);
  EXPECT_EQ(event.id.ToString(), id);
  EXPECT_EQ(event.type, "$denied");
  EXPECT_EQ(event.correlation_id, "c-1");
  EXPECT_EQ(event.principal, "$ledger");
  EXPECT_EQ(event.method, "server");
  EXPECT_THAT(event.tags,
              ElementsAre("operation:append", "principal:shop", "reason:POLICY_DENIED"));
  EXPECT_EQ(event.data,
            absl::StrCat("{\"decision_id\":\"", id,
                         "\",\"principal\":\"shop\",\"method\":\"jwt\",\"peer\":"
                         "\"ipv4:10.0.0.7:512\",\"operation\":\"append\",\"stream\":\"order-1\","
                         "\"type\":\"order.placed\",\"reason\":\"POLICY_DENIED\",\"rules\":[\"r1\"]"
                         ",\"places\":[{\"field\":\"streams[0].events[0].data\",\"pointer\":"
                         "\"/total\",\"keyword\":\"minimum\"}],\"payload_digest\":\"aa\","
                         "\"policy_revision\":\"rev\",\"count\":1,\"first_time\":"
                         "\"2023-11-14T22:13:20.000000Z\",\"last_time\":"
                         "\"2023-11-14T22:13:20.000000Z\"}"));
}

TEST_F(LogAuditLedgerTest, MakesFewEventsOfAFlood) {
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 500; ++j) Deny("shop", absl::StrCat("order-", j % 50));
    Pass(absl::Seconds(1));
  }
  Pass(absl::Seconds(20));
  const std::vector<std::string> data = DataOf("$denials");
  EXPECT_LE(data.size(), 33u * 4);  // 32 kinds and the others, 20 s in windows of 10
  uint64_t counted = 0;
  for (const std::string& text : data) {
    const size_t at = text.find("\"count\":");
    counted += std::stoull(text.substr(at + 8));
  }
  EXPECT_EQ(counted, 10'000u);
  EXPECT_EQ(metrics_.Value("nexus_audit_events_total{ledger=denials}"), data.size());
  EXPECT_EQ(metrics_.Value("nexus_audit_merged_total{ledger=denials}"), 10'000.0 - data.size());
}

TEST_F(LogAuditLedgerTest, ProposesTheSameCommitUntilTheLogTakesIt) {
  log_.fault = MakeError(ErrorReason::kDiskFull, "no room");
  Deny("shop", "order-1");
  Pass(absl::Seconds(5));
  EXPECT_GE(log_.proposed.size(), 3u);
  for (const Commit& commit : log_.proposed) EXPECT_EQ(commit.id, log_.proposed[0].id);
  EXPECT_GE(metrics_.Value("nexus_audit_write_failures_total{ledger=denials}"), 3);
  log_.fault = absl::OkStatus();
  Pass(absl::Seconds(2));
  EXPECT_THAT(DataOf("$denials"), SizeIs(1));
}

TEST_F(LogAuditLedgerTest, HasOneCommitUnderWay) {
  log_.holding = true;
  Deny("shop", "order-1");
  Pass(absl::Seconds(1));
  const std::string second = Deny("shop", "order-2");
  Pass(absl::Seconds(3));
  EXPECT_THAT(log_.proposed, SizeIs(1));
  EXPECT_TRUE(ledger_.PendingDenial(second).has_value());
  log_.Release();
  Pass(absl::Seconds(1));
  EXPECT_THAT(DataOf("$denials"), SizeIs(2));
}

TEST_F(LogAuditLedgerTest, FlushesAllThatWaits) {
  for (int i = 0; i < 40; ++i) Deny(absl::StrCat("p-", i), "order-1");
  for (int i = 0; i < 300; ++i) {
    ledger_.Record({std::string(kAdminActionType), {}, "drain", absl::StrCat(i)});
  }
  ledger_.Flush();
  EXPECT_THAT(DataOf("$denials"), SizeIs(40));
  EXPECT_THAT(DataOf("$audit"), SizeIs(300));
}

TEST_F(LogAuditLedgerTest, WritesEveryActionAndCountsFailures) {
  ledger_.Record({std::string(kAdminActionType), {"root", "jwt", "", ""}, "register_schema", "a"});
  ledger_.Record({std::string(kAdminActionType), {"root", "jwt", "", ""}, "register_schema", "a"});
  for (int i = 0; i < 9; ++i) Record("EXPIRED", absl::StrCat("ipv4:10.0.0.7:", 1'000 + i));
  Record("EXPIRED", "ipv4:10.0.0.8:1000");
  Record("UNKNOWN", "ipv4:10.0.0.7:1000");
  Pass(absl::Seconds(30));
  const std::vector<std::string> data = DataOf("$audit");
  ASSERT_THAT(data, SizeIs(5));
  EXPECT_THAT(data, ::testing::Contains(HasSubstr("\"count\":9")));
  EXPECT_THAT(data[0], HasSubstr("\"action\":\"register_schema\",\"subject\":\"a\","
                                 "\"outcome\":\"OK\""));
}

TEST_F(LogAuditLedgerTest, RestsWhenNothingHappens) {
  Deny("shop", "order-1");
  Pass(absl::Seconds(30));
  const size_t proposed = log_.proposed.size();
  EXPECT_EQ(executor_.Waiting(), 0u);
  Pass(absl::Seconds(30));
  EXPECT_EQ(log_.proposed.size(), proposed);
}

}  // namespace
}  // namespace nexus::audit
