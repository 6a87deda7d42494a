// Refusals and admin actions, as the engine hands them to the ledger; and decisions found again.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "identity/access/access.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecordingLedger : public AuditLedger {
 public:
  std::string Deny(const DenialKey&, absl::FunctionRef<Denial()> describe) override {
    denials.push_back(describe());
    return absl::StrCat("00000000-0000-0000-0000-00000000000", denials.size());
  }
  void Record(AuditRecord record) override { records.push_back(std::move(record)); }
  bool Flush() override {
    ++flushes;
    return flushes > busy;
  }
  int busy = 0;  // calls of Flush() that find something left
  std::optional<std::string> PendingDenial(absl::string_view id) override {
    const auto found = pending.find(std::string(id));
    return found == pending.end() ? std::nullopt : std::optional(found->second);
  }

  std::vector<Denial> denials;
  std::vector<AuditRecord> records;
  std::map<std::string, std::string> pending;
  int flushes = 0;
};

std::string DecisionOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "decision_id") return value;
  }
  return "";
}

class DenialsTest : public EngineFixture {
 protected:
  AuditLedger* Ledger() override { return &ledger_; }

  absl::StatusOr<FoundDecision> Find(std::string id) {
    std::optional<absl::StatusOr<FoundDecision>> found;
    engine_->FindDecision(std::move(id), [&](auto decision) { found = std::move(decision); });
    executor_.RunAll();
    if (!found.has_value()) return absl::InternalError("the search was not answered");
    return *std::move(found);
  }

  RecordingLedger ledger_;
};

TEST_F(DenialsTest, TellsWhoWasRefusedWhatByWhichRule) {
  RegisterOrderSchema();
  policy_.Answer(fake::ScriptedPolicy::Deny("no-orders"));
  Caller caller;
  caller.principal.name = "shop";
  caller.principal.method = "jwt";
  caller.peer = "ipv4:10.0.0.7:1";
  caller.correlation_id = "c-1";
  const Answer answer = AppendLater(Draft("order-1", "order.placed", R"({"total":1})"), caller);
  executor_.RunAll();
  ASSERT_TRUE(answer->has_value());
  const absl::Status refusal = (*answer)->status();
  EXPECT_EQ(ReasonOf(refusal), ErrorReason::kPolicyDenied);
  EXPECT_EQ(DecisionOf(refusal), "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(DetailsOf(refusal).denials.at(0).rule, "no-orders");
  ASSERT_THAT(ledger_.denials, SizeIs(1));
  const Denial& denial = ledger_.denials[0];
  EXPECT_EQ(denial.client.principal, "shop");
  EXPECT_EQ(denial.client.method, "jwt");
  EXPECT_EQ(denial.client.peer, "ipv4:10.0.0.7:1");
  EXPECT_EQ(denial.operation, "append");
  EXPECT_EQ(denial.stream, "order-1");
  EXPECT_EQ(denial.type, "order.placed");
  EXPECT_EQ(denial.reason, "POLICY_DENIED");
  EXPECT_THAT(denial.rules, ElementsAre("no-orders"));
  EXPECT_EQ(denial.policy_revision, "rev-1");
  EXPECT_EQ(denial.correlation_id, "c-1");
  EXPECT_EQ(denial.payload_digest.size(), 32u);
  EXPECT_EQ(denial.input_digest,
            stamp::HexOf(DigestBytes(stamp::DigestOfText(policy_.questions().back().input_json))));
}

TEST_F(DenialsTest, TellsWhereDataBreakTheirSchemaButNotByWhat) {
  RegisterOrderSchema();
  const auto refused = Append("order-1", "order.placed", R"({"total":-271828})");
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kSchemaViolation);
  ASSERT_THAT(ledger_.denials, SizeIs(1));
  ASSERT_THAT(ledger_.denials[0].places, SizeIs(1));
  EXPECT_EQ(ledger_.denials[0].places[0].field, "streams[0].events[0].data");
  EXPECT_EQ(ledger_.denials[0].places[0].pointer, "/total");
  EXPECT_EQ(ledger_.denials[0].places[0].keyword, "minimum");
}

TEST_F(DenialsTest, TellsOfMissingSchemasAndRightsOnly) {
  EXPECT_EQ(ReasonOf(Append("order-1", "order.placed", "{}").status()),
            ErrorReason::kSchemaNotRegistered);
  EXPECT_THAT(ledger_.denials, SizeIs(1));
  // These are no refusals by a rule.
  EXPECT_EQ(ReasonOf(Append("bad name\x01", "order.placed", "{}").status()),
            ErrorReason::kMalformedName);
  RegisterOrderSchema();
  policy_.Answer(MakeError(ErrorReason::kPolicyUnavailable, "away"));
  EXPECT_EQ(ReasonOf(Append("order-1", "order.placed", R"({"total":1})").status()),
            ErrorReason::kPolicyUnavailable);
  EXPECT_THAT(ledger_.denials, SizeIs(1));
}

TEST_F(DenialsTest, TellsOfEveryChangeOfTheRulesAndWhetherItWorked) {
  RegisterOrderSchema();
  EXPECT_FALSE(RegisterSchema("order.placed", "{").ok());
  ASSERT_THAT(ledger_.records, SizeIs(2));
  EXPECT_EQ(ledger_.records[0].type, kAdminActionType);
  EXPECT_EQ(ledger_.records[0].action, "register_schema");
  EXPECT_EQ(ledger_.records[0].subject, "order.placed");
  EXPECT_EQ(ledger_.records[0].outcome, "OK");
  EXPECT_NE(ledger_.records[1].outcome, "OK");
  policy_.Answer(fake::ScriptedPolicy::Deny("no-schemas"));
  const auto denied = RegisterSchema("order.paid", "{}");
  EXPECT_EQ(ReasonOf(denied.status()), ErrorReason::kPolicyDenied);
  EXPECT_NE(DecisionOf(denied.status()), "");
  EXPECT_THAT(ledger_.records, SizeIs(2));
  ASSERT_THAT(ledger_.denials, SizeIs(1));
  EXPECT_EQ(ledger_.denials[0].operation, "register_schema");
  EXPECT_EQ(ledger_.denials[0].stream, "order.paid");
}

TEST_F(DenialsTest, TellsOfReadsThatAreNotAllowed) {
  Caller caller;
  caller.principal.name = "shop";
  caller.principal.authenticated = true;
  caller.access = std::make_shared<identity::Access>(identity::AccessMatcher(), std::nullopt);
  std::optional<absl::Status> status;
  engine_->OpenRead({.stream = "order-1"}, caller, [&](auto cursor) { status = cursor.status(); });
  executor_.RunAll();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(ReasonOf(*status), ErrorReason::kAccessDenied);
  EXPECT_NE(DecisionOf(*status), "");
  ASSERT_THAT(ledger_.denials, SizeIs(1));
  EXPECT_EQ(ledger_.denials[0].operation, "read");
  EXPECT_EQ(ledger_.denials[0].stream, "order-1");
}

TEST_F(DenialsTest, StampsWhatItAdmits) {
  RegisterOrderSchema();
  Caller caller;
  caller.principal.name = "shop";
  caller.principal.method = "mtls";
  AppendLater(Draft("order-1", "order.placed", R"({"total":1})"), caller);
  executor_.RunAll();
  const EventBatch stored = ReadStream("order-1");
  ASSERT_THAT(stored.events, SizeIs(1));
  const RecordedEvent& event = stored.events[0];
  EXPECT_EQ(event.principal, "shop");
  EXPECT_EQ(event.method, "mtls");
  EXPECT_EQ(event.policy_revision, "rev-1");
  EXPECT_EQ(event.request_digest, DigestBytes(stamp::DigestOfEvents(stored.events)));
  EXPECT_EQ(event.input_digest,
            DigestBytes(stamp::DigestOfText(policy_.questions().back().input_json)));
  EXPECT_THAT(ledger_.denials, IsEmpty());
}

TEST_F(DenialsTest, FindsWhatADecisionAdmitted) {
  RegisterOrderSchema();
  CommitDraft two = Draft("order-1", "order.placed", R"({"total":1})");
  two.streams[0].events.push_back(two.streams[0].events[0]);
  ASSERT_TRUE(AppendDraft(std::move(two)).ok());
  ASSERT_TRUE(Append("order-2", "order.placed", R"({"total":2})").ok());
  const std::string id(ReadStream("order-1").events[0].decision_id);
  const auto found = Find(id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->admitted);
  ASSERT_THAT(found->events.events, SizeIs(2));
  EXPECT_EQ(found->events.events[0].stream, "order-1");
}

TEST_F(DenialsTest, FindsARefusalThatIsNotWrittenYet) {
  const std::string id = "018f2b7e-0000-7000-8000-000000000001";
  ledger_.pending[id] = "{\"operation\":\"append\"}";
  const auto found = Find(id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->admitted);
  EXPECT_EQ(found->pending, "{\"operation\":\"append\"}");
  EXPECT_EQ(ReasonOf(Find("018f2b7e-0000-7000-8000-000000000002").status()),
            ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(Find("nonsense").status()), ErrorReason::kMalformedId);
}

TEST_F(DenialsTest, FlushesBeforeTheLogIsDrained) {
  bool drained = false;
  engine_->Drain([&] { drained = true; });
  executor_.Advance(absl::Seconds(1));
  EXPECT_TRUE(drained);
  EXPECT_EQ(ledger_.flushes, 1);
}

// A commit of it was under way; what is left needs another.
TEST_F(DenialsTest, FlushesUntilNothingIsLeftButNotForEver) {
  bool drained = false;
  ledger_.busy = 3;
  engine_->Drain([&] { drained = true; });
  executor_.Advance(absl::Seconds(1));
  EXPECT_TRUE(drained);
  EXPECT_EQ(ledger_.flushes, 4);
}

TEST_F(DenialsTest, DrainsALogThatTakesNoLedger) {
  bool drained = false;
  ledger_.busy = 1'000'000;
  engine_->Drain([&] { drained = true; });
  executor_.Advance(absl::Seconds(1));
  EXPECT_FALSE(drained);
  executor_.Advance(absl::Seconds(5));
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace nexus::engine
