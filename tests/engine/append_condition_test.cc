// Append conditions and event ids, from the draft to the answer.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/condition_checker.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AppendConditionTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    SetCategory("booking", false);
  }

  static CommitDraft Booking(const std::string& stream, const std::string& seat) {
    CommitDraft draft = Draft(stream, "booked", "{}");
    draft.streams[0].events[0].tags = {seat};
    return draft;
  }
  static CommitDraft IfFree(const std::string& stream, const std::string& seat, Position after) {
    CommitDraft draft = Booking(stream, seat);
    draft.conditions.push_back({{{{.tags = {seat}}}}, after});
    return draft;
  }
};

TEST_F(AppendConditionTest, StoresTheFirstAndRefusesTheSecondOfTwoThatExcludeEachOther) {
  const Position seen = engine_->Head();
  const auto first = AppendDraft(IfFree("booking-1", "seat:1", seen));
  ASSERT_TRUE(first.ok()) << first.status();
  const ErrorDetails details = DetailsOf(AppendDraft(IfFree("booking-2", "seat:1", seen)).status());
  EXPECT_EQ(details.reason, ErrorReason::kAppendConditionFailed);
  EXPECT_THAT(details.failed_conditions, ElementsAre(FailedCondition{0, first->first}));
  EXPECT_TRUE(AppendDraft(IfFree("booking-2", "seat:2", seen)).ok());
  EXPECT_TRUE(AppendDraft(IfFree("booking-3", "seat:1", first->first)).ok());
  EXPECT_EQ(metrics_.Value("nexus_appends_total{result=APPEND_CONDITION_FAILED}"), 1);
}

TEST_F(AppendConditionTest, StoresOneOfTwoThatAreUnderWayTogether) {
  const Position seen = engine_->Head();
  policy_.Hold();
  const Answer first = AppendLater(IfFree("booking-1", "seat:1", seen), {});
  const Answer second = AppendLater(IfFree("booking-2", "seat:1", seen), {});
  policy_.Release();
  policy_.Release();
  executor_.RunAll();
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_NE((**first).ok(), (**second).ok());
}

TEST_F(AppendConditionTest, RefusesAPositionBeyondTheHead) {
  const uint64_t head = engine_->Head().value;
  CommitDraft draft = IfFree("booking-1", "seat:1", Position(head));
  draft.conditions.push_back({{}, Position(head + 1)});
  const absl::Status refused = AppendDraft(draft).status();
  const ErrorDetails details = DetailsOf(refused);
  EXPECT_EQ(details.reason, ErrorReason::kPositionBeyondHead);
  ASSERT_THAT(details.violations, SizeIs(1));
  EXPECT_EQ(details.violations[0].field, "conditions[1].after");
  EXPECT_THAT(std::string(refused.message()), HasSubstr(absl::StrCat("ends at ", head)));
}

TEST_F(AppendConditionTest, ReadsTheLogOnAWorkerOnly) {
  ASSERT_TRUE(AppendDraft(Booking("booking-1", "seat:1")).ok());
  const Answer answer = AppendLater(IfFree("booking-2", "seat:9", Position(0)), {});
  EXPECT_FALSE(answer->has_value()) << "nothing is in memory here, so a worker has to read";
  executor_.RunAll();
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((**answer).ok());
  EXPECT_EQ(metrics_.Value("nexus_append_conditional_total{checked=log}"), 1);
}

TEST_F(AppendConditionTest, KeepsThePipelineInOrderWhileOneCommitHasToRead) {
  const auto order = std::make_shared<AppendOrder>();
  ASSERT_TRUE(AppendDraft(Booking("booking-1", "seat:1")).ok());
  const Answer slow = AppendLater(IfFree("booking-2", "seat:9", Position(0)), {}, order);
  const Answer fast = AppendLater(Booking("booking-2", "seat:3"), {}, order);
  EXPECT_FALSE(fast->has_value());
  executor_.RunAll();
  ASSERT_TRUE(slow->has_value() && fast->has_value());
  ASSERT_TRUE((**slow).ok() && (**fast).ok());
  EXPECT_LT((**slow)->first, (**fast)->first);
}

TEST_F(AppendConditionTest, AnswersARetryWhateverItsConditionsSayNow) {
  CommitDraft draft = IfFree("booking-1", "seat:1", Position(0));
  draft.commit_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const auto first = AppendDraft(draft);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = AppendDraft(draft);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
}

TEST_F(AppendConditionTest, KnowsARetryWithoutCommitIdByItsEventIdsWhateverTheRulesSayNow) {
  CommitDraft draft = Booking("booking-1", "seat:1");
  draft.streams[0].events[0].event_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const auto first = AppendDraft(draft);
  ASSERT_TRUE(first.ok()) << first.status();
  policy_.Answer(fake::ScriptedPolicy::Deny("closed"));
  const auto again = AppendDraft(draft);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->id, first->id);
  draft.streams[0].events[0].data = "[]";
  EXPECT_EQ(ReasonOf(AppendDraft(draft).status()), ErrorReason::kPolicyDenied);
}

TEST_F(AppendConditionTest, ExplainsATakenEventId) {
  CommitDraft draft = Booking("booking-1", "seat:1");
  draft.streams[0].events[0].event_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  ASSERT_TRUE(AppendDraft(draft).ok());
  draft.streams[0].events[0].data = "[]";
  const ErrorDetails details = DetailsOf(AppendDraft(draft).status());
  EXPECT_EQ(details.reason, ErrorReason::kEventIdTaken);
  ASSERT_THAT(details.taken_event_ids, SizeIs(1));
  EXPECT_EQ(details.taken_event_ids[0].stream, "booking-1");
  EXPECT_EQ(details.taken_event_ids[0].revision, Revision(0));
}

// Answers what it is told and remembers what it was asked.
class ScriptedFinder : public MatchFinder {
 public:
  absl::StatusOr<std::optional<Position>> FirstMatch(const EventFilter&, Position after,
                                                     Position up_to) override {
    asked.emplace_back(after.value, up_to.value);
    if (!fault.ok()) return fault;
    return match;
  }

  std::vector<std::pair<uint64_t, uint64_t>> asked;
  std::optional<Position> match;
  absl::Status fault;
};

// A log of `head` events of which only its end is in memory.
class ConditionCheckerTest : public ::testing::Test {
 protected:
  void Store(int events) {
    for (int i = 0; i < events; ++i) {
      Commit commit;
      commit.id.bytes[14] = static_cast<uint8_t>(++stored_ >> 8);
      commit.id.bytes[15] = static_cast<uint8_t>(stored_);
      commit.streams.push_back({StreamName::Literal("s"), {}});
      CommitEvent entry;
      entry.event.id = DeriveEventId(commit.id, 0);
      entry.event.type = absl::StrCat("type-", stored_);
      commit.events.push_back(entry);
      log_.Propose(commit, [](absl::StatusOr<CommitReceipt> answer) {
        ASSERT_TRUE(answer.ok()) << answer.status();
      });
    }
  }
  static Commit Asking(const std::string& type, uint64_t after) {
    Commit commit;
    commit.conditions.push_back({{{{.types = {type}}}}, Position(after)});
    return commit;
  }

  storage::MemoryLog log_;
  ScriptedFinder older_;
  uint64_t stored_ = 0;
};

TEST_F(ConditionCheckerTest, AnswersFromMemoryWhatMemoryHolds) {
  Store(10);
  log::RecentEvents recent({}, Position(10));
  ConditionChecker checker(log_, older_, &recent);
  Commit commit = Asking("type-11", 10);
  EXPECT_TRUE(checker.CheckInMemory(commit)) << "nothing is behind the head";
  Store(1);
  Commit stored;
  stored.streams.push_back({StreamName::Literal("s"), {}});
  stored.events.resize(1);
  stored.events[0].event.type = "type-11";
  recent.Add(Position(11), std::make_shared<const log::CommitTraits>(stored));
  EXPECT_TRUE(checker.CheckInMemory(commit));
  EXPECT_EQ(commit.conditions[0].found, Position(11));
  EXPECT_EQ(commit.conditions[0].checked, Position(11));
  EXPECT_TRUE(older_.asked.empty());
}

TEST_F(ConditionCheckerTest, AsksForWhatMemoryDoesNotReachAndThenNoMore) {
  Store(10);
  const log::RecentEvents recent({}, Position(10));
  ConditionChecker checker(log_, older_, &recent);
  Commit commit = Asking("type-3", 1);
  commit.conditions.push_back({{}, Position(10)});
  EXPECT_FALSE(checker.CheckInMemory(commit));
  older_.match = Position(3);
  ASSERT_TRUE(checker.Check(commit).ok());
  EXPECT_THAT(older_.asked, ElementsAre(std::make_pair(1, 10)));
  EXPECT_EQ(commit.conditions[0].found, Position(3));
  EXPECT_EQ(commit.conditions[0].checked, Position(10));
  EXPECT_EQ(commit.conditions[1].found, std::nullopt);
}

TEST_F(ConditionCheckerTest, ReportsWhatItCannotRead) {
  Store(3);
  older_.fault = MakeError(ErrorReason::kDataLoss, "unreadable");
  ConditionChecker checker(log_, older_, nullptr);
  Commit commit = Asking("type-3", 0);
  EXPECT_EQ(ReasonOf(checker.Check(commit)), ErrorReason::kDataLoss);
  EXPECT_EQ(commit.conditions[0].checked, Position(0));
}

TEST_F(ConditionCheckerTest, ScansTheLogToThePlaceItIsTold) {
  Store(3'000);
  storage::MemoryEventIndex nothing;
  index::FilteredReader filtered({log_, log_, nothing});
  FilteredFinder scan(filtered);
  const auto find = [&](const std::string& type, uint64_t after, uint64_t up_to) {
    const auto found = scan.FirstMatch({{{.types = {type}}}}, Position(after), Position(up_to));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(std::nullopt).value_or(Position()).value;
  };
  EXPECT_EQ(find("type-2500", 0, 3'000), 2'500u);
  EXPECT_EQ(find("type-2500", 2'499, 2'500), 2'500u);
  EXPECT_EQ(find("type-2500", 2'500, 3'000), 0u);
  EXPECT_EQ(find("type-2500", 0, 2'499), 0u);
  EXPECT_EQ(find("absent", 0, 3'000), 0u);
}

}  // namespace
}  // namespace nexus::engine
