// Append conditions: a commit is refused if an event that its writer did not see matches.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "contract/event_log_contract.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

struct Marks {
  std::string type = "tested";
  std::vector<std::string> tags = {};
  std::string correlation_id = {};
};

Commit Marked(Commit commit, const Marks& marks) {
  for (CommitEvent& entry : commit.events) {
    entry.event.type = marks.type;
    entry.event.tags = marks.tags;
    entry.event.correlation_id = marks.correlation_id;
  }
  return commit;
}

Commit FailIf(Commit commit, EventFilter filter, uint64_t after = 0) {
  commit.conditions.push_back({std::move(filter), Position(after)});
  return commit;
}

EventFilter Tagged(std::vector<std::string> tags) { return {{{.tags = std::move(tags)}}}; }
EventFilter Typed(std::vector<std::string> types) { return {{{.types = std::move(types)}}}; }

class ConditionContract : public EventLogContract {
 protected:
  // 1 order-1 placed {eu, vip}  2 order-2 paid {eu}  3 stock-1 placed {us}, process p
  ConditionContract() {
    EXPECT_TRUE(Propose(Marked(CommitOf(1).Event("order-1", "x"), {"placed", {"eu", "vip"}})).ok());
    EXPECT_TRUE(Propose(Marked(CommitOf(2).Event("order-2", "x"), {"paid", {"eu"}})).ok());
    EXPECT_TRUE(Propose(Marked(CommitOf(3).Event("stock-1", "x"), {"placed", {"us"}, "p"})).ok());
  }

  // Where the first match was found; nothing if the commit was stored.
  std::optional<uint64_t> Refused(EventFilter filter, uint64_t after) {
    const auto answer =
        Propose(FailIf(CommitOf(++commits_).Event("other", "x"), std::move(filter), after));
    if (answer.ok()) return std::nullopt;
    const ErrorDetails details = DetailsOf(answer.status());
    EXPECT_EQ(details.reason, ErrorReason::kAppendConditionFailed) << answer.status();
    EXPECT_THAT(details.failed_conditions, SizeIs(1));
    EXPECT_EQ(details.failed_conditions[0].index, 0u);
    return details.failed_conditions[0].position.value;
  }

  uint64_t commits_ = 1'000;
};

constexpr auto kStored = std::nullopt;

TEST_P(ConditionContract, NamesTheFirstMatchBehindThePosition) {
  EXPECT_EQ(Refused(Tagged({"eu"}), 0), 1u);
  EXPECT_EQ(Refused(Tagged({"eu"}), 1), 2u);
  EXPECT_EQ(Refused(Typed({"placed"}), 1), 3u);
  EXPECT_EQ(Refused(Tagged({"eu"}), 2), kStored);
}

TEST_P(ConditionContract, HoldsOnceThePositionIsTheHead) {
  EXPECT_EQ(Refused(EventFilter(), 2), 3u);
  EXPECT_EQ(Refused(EventFilter(), 3), kStored);
  EXPECT_EQ(Refused(EventFilter(), 3), 4u);
  EXPECT_EQ(Refused(EventFilter(), 1'000'000), kStored) << "the engine refuses that before";
}

TEST_P(ConditionContract, TakesAnEmptyItemForEveryEvent) {
  EXPECT_EQ(Refused({{{.types = {"absent"}}, {}}}, 0), 1u);
  EXPECT_EQ(Refused({{{}}}, 2), 3u);
}

TEST_P(ConditionContract, JoinsItemsByOrTypesByOrAndTagsByAnd) {
  EXPECT_EQ(Refused(Tagged({"eu", "vip"}), 0), 1u);
  EXPECT_EQ(Refused(Tagged({"eu", "vip"}), 1), kStored);
  EXPECT_EQ(Refused(Typed({"paid", "sent"}), 0), 2u);
  EXPECT_EQ(Refused({{{.types = {"paid"}, .tags = {"us"}}}}, 0), kStored);
  EXPECT_EQ(Refused({{{.types = {"paid"}, .tags = {"us"}}, {.tags = {"us"}}}}, 0), 3u);
  EXPECT_EQ(Refused({{{.categories = {"stock"}}}}, 0), 3u);
  EXPECT_EQ(Refused({{{.categories = {"order"}}}}, 2), kStored);
  EXPECT_EQ(Refused({{{.correlation_ids = {"q", "p"}}}}, 0), 3u);
}

TEST_P(ConditionContract, DoesNotMeetItsOwnEvents) {
  const Commit commit =
      FailIf(Marked(CommitOf(9).Event("order-3", "x"), {"sent", {}}), Typed({"sent"}));
  EXPECT_TRUE(Propose(commit).ok());
  EXPECT_TRUE(Propose(commit)->repeated) << "a retry is answered, not checked";
}

TEST_P(ConditionContract, ListsEveryFailedConditionAndExpectation) {
  Commit commit = CommitOf(9)
                      .Stream("order-1", ExpectedRevision::Exactly(4))
                      .Stream("order-2", ExpectedRevision::NoStream())
                      .Event("order-1", "y");
  commit = FailIf(FailIf(FailIf(commit, Typed({"paid"})), Typed({"absent"})), EventFilter(), 2);
  const ErrorDetails details = DetailsOf(Propose(commit).status());
  EXPECT_EQ(details.reason, ErrorReason::kRevisionConflict);
  EXPECT_THAT(details.failed_expectations, SizeIs(2));
  EXPECT_THAT(details.failed_conditions,
              ElementsAre(FailedCondition{0, Position(2)}, FailedCondition{2, Position(3)}));
  EXPECT_EQ(reader().Head(), Position(3));
}

TEST_P(ConditionContract, NamesTheConditionAsTheReasonWhenEveryExpectationHolds) {
  const Commit commit =
      FailIf(CommitOf(9).Stream("order-1", ExpectedRevision::Exactly(0)).Event("order-1", "y"),
             Typed({"paid"}));
  EXPECT_EQ(ReasonFor(commit), ErrorReason::kAppendConditionFailed);
}

TEST_P(ConditionContract, BelievesWhatWasFoundAndLooksBehindWhatWasChecked) {
  Commit commit = FailIf(CommitOf(9).Event("other", "x"), Typed({"paid"}), 1);
  commit.conditions[0].checked = Position(3);
  commit.conditions[0].found = Position(2);
  EXPECT_THAT(DetailsOf(Propose(commit).status()).failed_conditions,
              ElementsAre(FailedCondition{0, Position(2)}));
  ASSERT_TRUE(Propose(Marked(CommitOf(10).Event("order-9", "x"), {"paid", {}})).ok());
  commit.conditions[0].found.reset();
  commit.conditions[0].after = Position(2);
  EXPECT_THAT(DetailsOf(Propose(commit).status()).failed_conditions,
              ElementsAre(FailedCondition{0, Position(4)}));
}

TEST_P(ConditionContract, KeepsTenantsApart) {
  ASSERT_TRUE(Propose(Marked(CommitOf(9).Tenant(7).Event("order-1", "x"), {"other", {}})).ok());
  EXPECT_EQ(Refused(Typed({"other"}), 0), kStored);
}

TEST_P(ConditionContract, FindsAMatchThatLiesFarBack) {
  for (uint64_t id = 100; id < 400; ++id) ASSERT_TRUE(Propose(CommitOf(id).Events("s", 3)).ok());
  EXPECT_EQ(Refused(Typed({"paid"}), 0), 2u);
  EXPECT_EQ(Refused(Typed({"paid"}), 2), kStored);
  EXPECT_EQ(Refused({{{.types = {"tested"}, .categories = {"other"}}}}, 2), 904u);
}

// Commits that exclude one another, proposed at once: they fall into the same group and into
// groups behind one another.
TEST_P(ConditionContract, StoresOneOfManyThatExcludeEachOther) {
  constexpr int kRaces = 20;
  constexpr int kRacers = 12;
  for (int race = 0; race < kRaces; ++race) {
    absl::Mutex mutex;
    int stored = 0;
    int refused = 0;
    const uint64_t after = reader().Head().value;
    const std::string seat = absl::StrCat("seat:", race);
    for (int i = 0; i < kRacers; ++i) {
      const Commit commit =
          Marked(CommitOf(++commits_).Event(absl::StrCat("b-", i), "x"), {"booked", {seat}});
      log().Propose(FailIf(commit, Tagged({seat}), after),
                    [&](absl::StatusOr<CommitReceipt> answer) {
                      absl::MutexLock lock(&mutex);
                      ++(answer.ok() ? stored : refused);
                    });
    }
    const auto complete = [&] { return stored + refused == kRacers; };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&complete));
    EXPECT_EQ(stored, 1) << seat;
  }
}

// As an engine does it: look, remember how far, propose.
TEST_P(ConditionContract, LetsOneOfManyThreadsThatLookedBeforeWin) {
  constexpr int kWriters = 8;
  constexpr int kSeats = 40;
  std::vector<std::atomic<int>> booked(kSeats);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int seat = 0; seat < kSeats; ++seat) {
        const std::string tag = absl::StrCat("seat:", seat);
        const Position head = reader().Head();
        const auto page = reader().ReadAll(Position(1), Direction::kForward, {10'000, 1 << 30});
        ASSERT_TRUE(page.ok()) << page.status();
        Commit commit =
            Marked(CommitOf(10'000 + static_cast<uint64_t>(w * 1'000 + seat)).Event("b", "x"),
                   {"booked", {tag}});
        commit = FailIf(commit, Tagged({tag}));
        commit.conditions[0].checked = head;
        for (const RecordedEvent& event : page->events) {
          if (event.position > head || !Tagged({tag}).Matches(event)) continue;
          commit.conditions[0].found = event.position;
          break;
        }
        if (Propose(commit).ok()) ++booked[static_cast<size_t>(seat)];
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const std::atomic<int>& count : booked) EXPECT_EQ(count.load(), 1);
}

INSTANTIATE_TEST_SUITE_P(Logs, ConditionContract,
                         ::testing::Values(LogKind{"memory", MakeMemoryLog},
                                           LogKind{"rocksdb", MakeRocksLog}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace nexus::contract
