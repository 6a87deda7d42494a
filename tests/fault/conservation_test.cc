// A checker that finds nothing proves nothing: a bug is planted for each rule.

#include "fault/conservation.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::fault {
namespace {

using ::testing::HasSubstr;

// Twelve events of three streams, one of them poison. A test delivers them, well or not.
class ConservationTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kEvents = 12;
  static constexpr uint64_t kPoison = 7;

  ConservationTest() {
    for (uint64_t position = 1; position <= kEvents; ++position) {
      books_.Accept({position, absl::StrCat("order-", position % 3), position / 3, Id(position),
                     position == kPoison});
      books_.Acknowledge(Id(position));
    }
  }
  static std::string Id(uint64_t position) { return absl::StrCat("event-", position); }
  void Arrive(uint64_t position) {
    books_.Arrive({static_cast<int>(position % 3), position, Id(position)});
  }
  // All but these.
  void ArriveAll(std::set<uint64_t> without = {}) {
    for (uint64_t position = 1; position <= kEvents; ++position) {
      if (position != kPoison && without.count(position) == 0) Arrive(position);
    }
  }
  void ExpectFault(const std::string& words, bool drained = true) {
    const absl::Status status = books_.Check(drained);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }

  Conservation books_{0.5};
};

TEST_F(ConservationTest, BalancesWhenAllIsWell) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Reach(kEvents, kEvents);
  const absl::Status status = books_.Check(true);
  EXPECT_TRUE(status.ok()) << status;
  const BookTotals sums = books_.totals();
  EXPECT_EQ(sums.accepted, sums.delivered + sums.dead_lettered);
  EXPECT_EQ(sums.duplicates, 0u);
}

TEST_F(ConservationTest, CountsRepetitionsAndWhatIsPending) {
  ArriveAll({11, 12});
  Arrive(4);
  books_.Reach(6, kEvents);
  EXPECT_TRUE(books_.Check(false).ok()) << books_.Check(false);
  EXPECT_EQ(books_.totals().pending, 3u);
  EXPECT_EQ(books_.totals().duplicates, 1u);
  ExpectFault("pending: 3");
}

TEST_F(ConservationTest, FindsALostEvent) {
  ArriveAll({5});
  books_.DeadLetter(kPoison);
  books_.Reach(kEvents, kEvents);
  ExpectFault("lost: 1\n  order-2@1 (position 5");
}

TEST_F(ConservationTest, FindsACheckpointThatIsAheadOfADelivery) {
  ArriveAll({11, 12});
  books_.Reach(11, kEvents);
  ExpectFault("lost: 2", false);
}

TEST_F(ConservationTest, FindsACheckpointBeyondTheLog) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Reach(kEvents + 1, kEvents);
  ExpectFault("beyond the log");
}

TEST_F(ConservationTest, FindsACheckpointThatGoesBack) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Reach(kEvents, kEvents);
  books_.Reach(3, kEvents);
  ExpectFault("went back from 12 to 3");
}

TEST_F(ConservationTest, LetsACheckpointGoBackAfterAKill) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Reach(kEvents, kEvents);
  books_.Restarted();
  books_.Reach(3, kEvents);
  EXPECT_TRUE(books_.Check(true).ok()) << books_.Check(true);
}

TEST_F(ConservationTest, FindsAnEventOutOfOrder) {
  ArriveAll({6});
  Arrive(6);
  books_.DeadLetter(kPoison);
  ExpectFault("order: 1\n  order-0@2");
}

TEST_F(ConservationTest, TakesARepetitionAfterALaterEventForNoDisorder) {
  ArriveAll();
  Arrive(3);
  Arrive(6);
  books_.DeadLetter(kPoison);
  EXPECT_TRUE(books_.Check(true).ok()) << books_.Check(true);
}

TEST_F(ConservationTest, FindsAStreamInTwoLanes) {
  ArriveAll({9});
  books_.Arrive({2, 9, Id(9)});
  books_.DeadLetter(kPoison);
  ExpectFault("two lanes: 1");
}

TEST_F(ConservationTest, FindsADeadLetterWithoutAnEvent) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.DeadLetter(400);
  ExpectFault("names position 400");
}

TEST_F(ConservationTest, FindsAnOutageThatMakesDeadLetters) {
  ArriveAll({5});
  books_.DeadLetter(kPoison);
  books_.DeadLetter(5);
  ExpectFault("nothing is wrong with it");
}

TEST_F(ConservationTest, FindsAnEventThatIsCountedTwice) {
  ArriveAll();
  Arrive(kPoison);
  books_.DeadLetter(kPoison);
  ExpectFault("twice: 1");
}

TEST_F(ConservationTest, FindsAnEventThatTheLogDoesNotHave) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Arrive({0, 3, "event-of-another-log"});
  books_.Arrive({0, 77, Id(77)});
  ExpectFault("stranger: 2");
}

TEST_F(ConservationTest, FindsAnAcknowledgedEventThatIsGone) {
  ArriveAll();
  books_.DeadLetter(kPoison);
  books_.Acknowledge("event-13");
  ExpectFault("gone: 1");
}

TEST_F(ConservationTest, FindsAStormOfDuplicates) {
  for (int round = 0; round < 3; ++round) ArriveAll();
  books_.DeadLetter(kPoison);
  ExpectFault("storm: 1\n  22 repetitions of 11 deliveries");
}

}  // namespace
}  // namespace nexus::fault
