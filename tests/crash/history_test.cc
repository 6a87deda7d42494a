#include "crash/history.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::crash {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two commits: "a" has two events in s1 and one in s2, "b" has one in s1; one event of the server.
std::vector<LoggedEvent> Log() {
  return {{1, "$schemas", 0, "e0", "x", "", 10},
          {2, "s1", 0, "e1", "a", "a0", 11},
          {3, "s1", 1, "e2", "a", "a1", 11},
          {4, "s2", 0, "e3", "a", "a2", 11},
          {5, "s1", 2, "e4", "b", "b0", 12}};
}

std::vector<CommitRecord> Commits() {
  return {{"a", {{"s1", {"a0", "a1"}, 0}, {"s2", {"a2"}, 0}}, Outcome::kStored, 2, 4, 1, 2},
          {"b", {{"s1", {"b0"}, 2}}, Outcome::kStored, 5, 5, 3, 4}};
}

TEST(Order, HoldsForAGoodLog) { EXPECT_THAT(CheckOrder(Log()), IsEmpty()); }

TEST(Order, FindsAGapInPositions) {
  auto log = Log();
  log[4].position = 6;
  EXPECT_THAT(CheckOrder(log), ElementsAre(HasSubstr("expected position 5")));
}

TEST(Order, FindsAGapInRevisions) {
  auto log = Log();
  log[4].revision = 3;
  EXPECT_THAT(CheckOrder(log), ElementsAre(HasSubstr("s1 has revision 3, expected 2")));
}

TEST(Order, FindsTimeThatRunsBackwards) {
  auto log = Log();
  log[4].recorded_ns = 1;
  EXPECT_THAT(CheckOrder(log), ElementsAre(HasSubstr("time runs backwards")));
}

TEST(Order, FindsAnEventIdThatIsThereTwice) {
  auto log = Log();
  log[2].event_id = "e1";
  EXPECT_THAT(CheckOrder(log), ElementsAre(HasSubstr("event e1 is there twice")));
}

TEST(Commits, HoldForAGoodLog) { EXPECT_THAT(CheckCommits(Commits(), Log()), IsEmpty()); }

TEST(Commits, FindsAnAcknowledgedCommitThatIsGone) {
  auto log = Log();
  log.pop_back();
  EXPECT_THAT(CheckCommits(Commits(), log), ElementsAre("commit b was acknowledged and is gone"));
}

TEST(Commits, AllowAnUnknownOneToBeThereOnceOrNotAtAll) {
  auto commits = Commits();
  commits[1].outcome = Outcome::kUnknown;
  EXPECT_THAT(CheckCommits(commits, Log()), IsEmpty());
  auto log = Log();
  log.pop_back();
  EXPECT_THAT(CheckCommits(commits, log), IsEmpty());
}

TEST(Commits, FindsOneThatIsThereTwice) {
  auto log = Log();
  log.push_back({6, "s1", 3, "e5", "b", "b0", 13});
  EXPECT_THAT(CheckCommits(Commits(), log), ElementsAre("commit b is there more than once"));
}

TEST(Commits, FindsOneThatIsThereInPart) {
  auto log = Log();
  log.erase(log.begin() + 3);
  EXPECT_THAT(CheckCommits(Commits(), log), ElementsAre("commit a is there in part"));
}

TEST(Commits, FindsARefusedOneInTheLog) {
  auto commits = Commits();
  commits[1].outcome = Outcome::kRefused;
  EXPECT_THAT(CheckCommits(commits, Log()), ElementsAre("commit b was refused and is there"));
}

TEST(Commits, FindsOtherContent) {
  auto log = Log();
  log[4].data = "b1";
  EXPECT_THAT(CheckCommits(Commits(), log), ElementsAre(HasSubstr("other content")));
}

TEST(Commits, FindsAReceiptThatLies) {
  auto commits = Commits();
  commits[1].first_position = commits[1].last_position = 4;
  EXPECT_THAT(CheckCommits(commits, Log()), ElementsAre(HasSubstr("its receipt says 4")));
  commits = Commits();
  commits[1].parts[0].first_revision = 1;
  EXPECT_THAT(CheckCommits(commits, Log()), ElementsAre(HasSubstr("its receipt says 1")));
}

TEST(Commits, FindsOneThatNobodySent) {
  auto commits = Commits();
  commits.pop_back();
  EXPECT_THAT(CheckCommits(commits, Log()), ElementsAre("commit b is there and nobody sent it"));
}

TEST(RealTime, FindsAnOrderThatNobodyCouldHaveSeen) {
  auto commits = Commits();
  EXPECT_THAT(CheckRealTime(commits), IsEmpty());
  std::swap(commits[0].called, commits[1].called);
  std::swap(commits[0].answered, commits[1].answered);
  EXPECT_THAT(CheckRealTime(commits), ElementsAre(HasSubstr("commit a was called after b")));
}

TEST(RealTime, LeavesConcurrentCommitsAlone) {
  auto commits = Commits();
  commits[0].called = 2;
  commits[0].answered = 9;
  commits[1].called = 1;
  commits[1].answered = 8;
  EXPECT_THAT(CheckRealTime(commits), IsEmpty());
}

TEST(Seen, FindsWhatAReaderWasShownAndIsGoneOrDifferent) {
  EXPECT_THAT(CheckSeen({{2, "e1"}, {5, "e4"}}, Log()), IsEmpty());
  EXPECT_THAT(CheckSeen({{6, "e5"}}, Log()), ElementsAre(HasSubstr("is gone")));
  EXPECT_THAT(CheckSeen({{5, "e9"}}, Log()), ElementsAre(HasSubstr("as e9")));
}

}  // namespace
}  // namespace nexus::crash
