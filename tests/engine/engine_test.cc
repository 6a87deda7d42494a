#include "engine/engine.h"

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class EngineTest : public EngineFixture {};

TEST_F(EngineTest, StoresAGovernedEventWithItsStamp) {
  RegisterOrderSchema();
  const auto receipt = Append("order-1", "order.placed", R"({"total": 5})");
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const std::vector<std::string> seen = Types("order-1");
  EXPECT_THAT(seen, ElementsAre("order.placed"));
  const EventBatch batch = ReadStream("order-1");
  const RecordedEvent& event = batch.events.at(0);
  EXPECT_EQ(event.schema_version, 1u);
  EXPECT_EQ(event.principal, "anonymous");
  EXPECT_EQ(event.policy_revision, "rev-1");
  EXPECT_FALSE(event.decision_id.empty());
  EXPECT_EQ(event.governance_epoch, 1u);
  EXPECT_EQ(event.correlation_id, receipt->id.ToString());
}

TEST_F(EngineTest, RefusesDataThatBreaksItsSchemaAndSaysWhere) {
  RegisterOrderSchema();
  const auto receipt = Append("order-1", "order.placed", R"({"total": -1})");
  const ErrorDetails details = DetailsOf(receipt.status());
  EXPECT_EQ(details.reason, ErrorReason::kSchemaViolation);
  ASSERT_THAT(details.violations, SizeIs(1));
  EXPECT_EQ(details.violations[0].field, "streams[0].events[0].data");
  EXPECT_EQ(details.violations[0].pointer, "/total");
  EXPECT_EQ(details.violations[0].keyword, "minimum");
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

TEST_F(EngineTest, ReportsTheViolationsOfAllEventsOfACommit) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", R"({"total": -1})");
  draft.streams[0].events.push_back(draft.streams[0].events[0]);
  draft.streams[0].events[1].data = "{}";
  const ErrorDetails details = DetailsOf(AppendDraft(draft).status());
  ASSERT_THAT(details.violations, SizeIs(2));
  EXPECT_EQ(details.violations[1].field, "streams[0].events[1].data");
  EXPECT_EQ(details.violations[1].keyword, "required");
}

TEST_F(EngineTest, RefusesWhatIsNotJson) {
  RegisterOrderSchema();
  for (const char* data : {"", "{", "{\"total\": 1e999}", "nul"}) {
    const auto receipt = Append("order-1", "order.placed", data);
    EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kMalformedJson) << data;
    EXPECT_THAT(DetailsOf(receipt.status()).violations, SizeIs(1));
  }
}

TEST_F(EngineTest, RefusesATypeWithoutASchema) {
  const auto receipt = Append("order-1", "order.placed", "{}");
  EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kSchemaNotRegistered);
  EXPECT_THAT(std::string(receipt.status().message()), HasSubstr("nexusctl schema register"));
  EXPECT_TRUE(policy_.questions().empty());
}

TEST_F(EngineTest, RefusesAnUnknownVersionAndNamesTheLatest) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", R"({"total": 1})");
  draft.streams[0].events[0].schema_version = 9;
  const auto receipt = AppendDraft(draft);
  EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kSchemaNotRegistered);
  EXPECT_THAT(std::string(receipt.status().message()), HasSubstr("the latest is 1"));
}

TEST_F(EngineTest, LooksUpTheRulesOfEachEventAmongNeighboursThatDiffer) {
  RegisterOrderSchema();
  SetCategory("log", /*required=*/false);
  const auto refused_with = [this](const char* stream, const char* type, uint32_t version) {
    CommitDraft draft = Draft("order-1", "order.placed", R"({"total": 1})");
    draft.streams.push_back(Draft(stream, type, R"({"total": 1})").streams[0]);
    draft.streams[1].events[0].schema_version = version;
    return ReasonOf(AppendDraft(draft).status());
  };
  EXPECT_EQ(refused_with("log-1", "line.written", 0), ErrorReason::kUnspecified);
  EXPECT_EQ(refused_with("order-2", "line.written", 0), ErrorReason::kSchemaNotRegistered);
  EXPECT_EQ(refused_with("order-2", "order.placed", 9), ErrorReason::kSchemaNotRegistered);
}

TEST_F(EngineTest, StoresWithoutASchemaWhereTheCategoryAllowsIt) {
  SetCategory("log", /*required=*/false);
  ASSERT_TRUE(Append("log-1", "line.written", R"({"any": "thing"})").ok());
  EXPECT_EQ(ReadStream("log-1").events.at(0).schema_version, 0u);
  EXPECT_EQ(ReasonOf(Append("log-1", "line.written", "{").status()), ErrorReason::kMalformedJson);
}

TEST_F(EngineTest, TakesAnyBytesOfAnotherContentTypeWithoutASchema) {
  SetCategory("log", /*required=*/false);
  CommitDraft draft = Draft("log-1", "blob", std::string("\x00\xff", 2));
  draft.streams[0].events[0].content_type = "application/octet-stream";
  EXPECT_TRUE(AppendDraft(draft).ok());
}

TEST_F(EngineTest, RefusesAnotherContentTypeForATypeWithASchema) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", "total=5");
  draft.streams[0].events[0].content_type = "text/plain";
  EXPECT_EQ(ReasonOf(AppendDraft(draft).status()), ErrorReason::kMalformedRequest);
}

TEST_F(EngineTest, DeniesWithTheRuleAndStoresNothing) {
  RegisterOrderSchema();
  policy_.Answer(fake::ScriptedPolicy::Deny("owner_required"));
  const auto receipt = Append("order-1", "order.placed", R"({"total": 5})");
  const ErrorDetails details = DetailsOf(receipt.status());
  EXPECT_EQ(details.reason, ErrorReason::kPolicyDenied);
  ASSERT_THAT(details.denials, SizeIs(1));
  EXPECT_EQ(details.denials[0].rule, "owner_required");
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

TEST_F(EngineTest, TellsADeniedCallerNothingAboutTheSchema) {
  RegisterOrderSchema();
  policy_.Answer(fake::ScriptedPolicy::Deny("owner_required"));
  const auto receipt = Append("order-1", "order.placed", R"({"total": -1})");
  EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kPolicyDenied);
  EXPECT_TRUE(DetailsOf(receipt.status()).violations.empty());
}

TEST_F(EngineTest, AdmitsNothingWhenThePolicyCannotBeAsked) {
  RegisterOrderSchema();
  policy_.Answer(MakeError(ErrorReason::kPolicyUnavailable, "no answer"));
  const auto receipt = Append("order-1", "order.placed", R"({"total": 5})");
  EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kPolicyUnavailable);
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

TEST_F(EngineTest, RepeatsTheFirstAnswerOfACommitWhateverTheRulesSayToday) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", R"({"total": 5})");
  draft.commit_id = "00000000-0000-7000-8000-00000000000a";
  const auto first = AppendDraft(draft);
  ASSERT_TRUE(first.ok());
  policy_.Answer(fake::ScriptedPolicy::Deny("closed"));
  const auto again = AppendDraft(draft);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_THAT(Types("order-1"), SizeIs(1));
}

TEST_F(EngineTest, RepeatsTheFirstAnswerThoughTheSchemaIsDeleted) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", R"({"total":1})");
  draft.commit_id = "018f2b7e-0000-7000-8000-000000000001";
  ASSERT_TRUE(AppendDraft(draft).ok());
  schema::DeleteRequest request;
  request.subject = "order.placed";
  engine_->DeleteSchema(std::move(request), {}, [](auto) {});
  executor_.RunAll();
  const auto again = AppendDraft(draft);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
}

TEST_F(EngineTest, RefusesOtherContentUnderAKnownCommitId) {
  RegisterOrderSchema();
  CommitDraft draft = Draft("order-1", "order.placed", R"({"total": 5})");
  draft.commit_id = "00000000-0000-7000-8000-00000000000a";
  ASSERT_TRUE(AppendDraft(draft).ok());
  draft.streams[0].events[0].data = R"({"total": 6})";
  EXPECT_EQ(ReasonOf(AppendDraft(draft).status()), ErrorReason::kIdReused);
}

TEST_F(EngineTest, DoesNotProposeForACallerWhoseDeadlinePassed) {
  RegisterOrderSchema();
  policy_.Hold();
  Caller caller;
  caller.deadline = clock_.Monotonic() + absl::Seconds(1);
  const auto answer = AppendLater(Draft("order-1", "order.placed", R"({"total": 5})"), caller);
  clock_.Advance(absl::Seconds(2));
  policy_.Release();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ(ReasonOf((*answer)->status()), ErrorReason::kOverloaded) << "it is surely not stored";
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
  const auto late = AppendLater(Draft("order-1", "order.placed", R"({"total": 5})"), caller);
  EXPECT_EQ(ReasonOf((*late)->status()), ErrorReason::kOverloaded);
}

TEST_F(EngineTest, ProposesThePipelineInOrderHoweverItIsDecided) {
  RegisterOrderSchema();
  policy_.Hold();
  auto order = std::make_shared<AppendOrder>();
  std::vector<Answer> answers;
  for (uint64_t revision = 0; revision < 3; ++revision) {
    CommitDraft draft = Draft("order-1", "order.placed", R"({"total": 5})");
    draft.streams[0].expected =
        revision == 0 ? ExpectedRevision::NoStream() : ExpectedRevision::Exactly(revision - 1);
    answers.push_back(AppendLater(draft, {}, order));
  }
  policy_.Release(2);
  policy_.Release(1);
  EXPECT_FALSE(answers[1]->has_value());
  policy_.Release(0);
  for (const Answer& answer : answers) {
    ASSERT_TRUE(answer->has_value());
    EXPECT_TRUE((*answer)->ok()) << (*answer)->status();
  }
}

TEST_F(EngineTest, ARefusedCommitDoesNotHoldUpItsPipeline) {
  RegisterOrderSchema();
  auto order = std::make_shared<AppendOrder>();
  const auto bad = AppendLater(Draft("", "order.placed", "{}"), {}, order);
  const auto good = AppendLater(Draft("order-1", "order.placed", R"({"total": 5})"), {}, order);
  ASSERT_TRUE(bad->has_value() && good->has_value());
  EXPECT_FALSE((*bad)->ok());
  EXPECT_TRUE((*good)->ok());
}

TEST_F(EngineTest, ChecksWithoutStoring) {
  RegisterOrderSchema();
  policy_.Answer(fake::ScriptedPolicy::Deny("closed"));
  std::optional<absl::StatusOr<Verdict>> verdict;
  engine_->Check(Draft("order-1", "order.placed", R"({"total": -5})"), {},
                 [&](absl::StatusOr<Verdict> v) { verdict = std::move(v); });
  ASSERT_TRUE(verdict.has_value() && verdict->ok());
  EXPECT_EQ((*verdict)->policy.denials[0].rule, "closed");
  EXPECT_THAT((*verdict)->violations, SizeIs(1));
  EXPECT_THAT((*verdict)->input_json, HasSubstr("\"order.placed\""));
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
}

TEST_F(EngineTest, AsksThePolicyBeforeASchemaIsRegistered) {
  policy_.Answer(fake::ScriptedPolicy::Deny("frozen"));
  EXPECT_EQ(ReasonOf(RegisterSchema("order.placed", "{}").status()), ErrorReason::kPolicyDenied);
  EXPECT_EQ(policy_.questions().at(0).operation, "register_schema");
  policy_.Answer(fake::ScriptedPolicy::Allow());
  EXPECT_TRUE(RegisterSchema("order.placed", "{}").ok());
}

TEST_F(EngineTest, DecidesLargeCommitsOnAWorker) {
  RegisterOrderSchema();
  const std::string note(100'000, 'x');
  const std::string large = absl::StrCat(R"({"total": 1, "note": ")", note, "\"}");
  const auto answer = AppendLater(Draft("order-1", "order.placed", large), {});
  EXPECT_FALSE(answer->has_value());
  executor_.RunAll();
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((*answer)->ok());
}

TEST_F(EngineTest, ReadsPagesUpToTheHeadOfTheirBeginning) {
  RegisterOrderSchema();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Append("order-1", "order.placed", R"({"total": 1})").ok());
  }
  auto cursor = OpenRead({.stream = "order-1"});
  ASSERT_TRUE(cursor.ok());
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total": 1})").ok());
  size_t events = 0;
  while (true) {
    const auto page = (*cursor)->Next();
    ASSERT_TRUE(page.ok());
    if (!page->has_value()) break;
    events += (*page)->batch.events.size();
  }
  EXPECT_EQ(events, 5u);
}

TEST_F(EngineTest, LeavesSystemStreamsOutWhereAskedTo) {
  RegisterOrderSchema();
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total": 1})").ok());
  EXPECT_THAT(ReadTypes({.exclude_system = true}), ElementsAre("order.placed"));
  EXPECT_THAT(ReadTypes({}), ElementsAre("$schema-registered", "order.placed"));
  EXPECT_THAT(ReadTypes({.direction = Direction::kBackward, .limit = 1}),
              ElementsAre("order.placed"));
}

TEST_F(EngineTest, AReadWaitsForThePositionItNeeds) {
  RegisterOrderSchema();
  Caller caller;
  caller.deadline = clock_.Monotonic() + absl::Seconds(5);
  std::optional<absl::StatusOr<std::unique_ptr<ReadCursor>>> opened;
  engine_->OpenRead({.min_position = Position(2)}, caller,
                    [&](auto cursor) { opened = std::move(cursor); });
  executor_.RunAll();
  EXPECT_FALSE(opened.has_value());
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total": 1})").ok());
  executor_.RunAll();
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->ok());
}

TEST_F(EngineTest, AReadGivesUpAtItsDeadline) {
  Caller caller;
  caller.deadline = clock_.Monotonic() + absl::Seconds(5);
  std::optional<absl::StatusOr<std::unique_ptr<ReadCursor>>> opened;
  engine_->OpenRead({.min_position = Position(99)}, caller,
                    [&](auto cursor) { opened = std::move(cursor); });
  executor_.Advance(absl::Seconds(6));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(ReasonOf(opened->status()), ErrorReason::kPositionBeyondHead);
}

TEST_F(EngineTest, DrainsWhatIsUnderWayAndLetsNothingElseIn) {
  RegisterOrderSchema();
  policy_.Hold();
  const auto answer = AppendLater(Draft("order-1", "order.placed", R"({"total": 5})"), {});
  bool drained = false;
  engine_->Drain([&] { drained = true; });
  executor_.Advance(absl::Seconds(1));
  EXPECT_FALSE(drained);
  EXPECT_EQ(ReasonOf(Append("order-2", "order.placed", R"({"total": 5})").status()),
            ErrorReason::kDraining);
  policy_.Release();
  executor_.Advance(absl::Seconds(1));
  EXPECT_TRUE(drained);
  EXPECT_TRUE((*answer)->ok());
}

TEST_F(EngineTest, CountsWhatBecameOfEachCommit) {
  RegisterOrderSchema();
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total": 5})").ok());
  policy_.Answer(fake::ScriptedPolicy::Deny("closed"));
  EXPECT_FALSE(Append("order-1", "order.placed", R"({"total": 5})").ok());
  EXPECT_EQ(metrics_.Value("nexus_appends_total{result=OK}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_appends_total{result=POLICY_DENIED}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_events_appended_total"), 1);
}

}  // namespace
}  // namespace nexus::engine
