#include "route/lane_book.h"

#include <deque>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = LaneDuty::Kind;

class LaneBookTest : public ::testing::Test {
 protected:
  LaneDuty Admit(absl::string_view stream) {
    RecordedEvent& event = events_.emplace_back();
    event.position = Position(events_.size());
    event.recorded = Timestamp{static_cast<int64_t>(events_.size())};
    event.stream = stream;
    return book_->Admit(OutboundEvent{&event, nullptr, 0, false}, nullptr);
  }
  std::vector<uint64_t> TakeAll() {
    std::vector<uint64_t> taken;
    while (auto handover = book_->Take()) taken.push_back(handover->event.event->position.value);
    return taken;
  }
  LaneDuty Report(uint64_t position, Outcome outcome) {
    return book_->Report(Position(position), outcome, "because");
  }
  void Use(LaneBook::Options options) { book_.emplace(options, Position(0)); }

  std::deque<RecordedEvent> events_;
  std::optional<LaneBook> book_{std::in_place, LaneBook::Options(), Position(0)};
};

TEST_F(LaneBookTest, HandsOverInOrder) {
  for (const char* stream : {"a", "b", "a", "c"}) Admit(stream);
  EXPECT_THAT(TakeAll(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(book_->in_flight(), 4u);
}

TEST_F(LaneBookTest, MovesTheCheckpointByTheRuleWhateverTheOrderOfReports) {
  for (const char* stream : {"a", "b", "c"}) Admit(stream);
  TakeAll();
  Report(2, Outcome::kDelivered);
  EXPECT_EQ(book_->checkpoint(), Position(0));
  EXPECT_EQ(book_->oldest(), Timestamp{1});
  Report(1, Outcome::kDelivered);
  EXPECT_EQ(book_->checkpoint(), Position(2));
  Report(3, Outcome::kDelivered);
  EXPECT_EQ(book_->checkpoint(), Position(3));
  EXPECT_EQ(book_->size(), 0u);
  EXPECT_EQ(book_->oldest(), std::nullopt);
}

TEST_F(LaneBookTest, ARefusedEventHoldsUpItsOwnLaneOnly) {
  for (const char* stream : {"a", "b"}) Admit(stream);
  TakeAll();
  const LaneDuty duty = Report(1, Outcome::kRefused);
  EXPECT_EQ(duty.kind, Kind::kBackOff);
  EXPECT_EQ(duty.lane, "a");
  EXPECT_EQ(duty.attempts, 1u);
  Admit("a");
  Admit("b");
  EXPECT_THAT(TakeAll(), ElementsAre(4));
  EXPECT_EQ(book_->blocked_lanes(), 1u);
}

TEST_F(LaneBookTest, LetsTheRestOfALaneComeBackBeforeItGoesOn) {
  for (int i = 0; i < 3; ++i) Admit("a");
  TakeAll();
  EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kNone);
  EXPECT_EQ(Report(3, Outcome::kDelivered).kind, Kind::kNone);
  EXPECT_EQ(Report(2, Outcome::kDelivered).kind, Kind::kBackOff);
}

// Otherwise the sink's last word on the stream would be out of order.
TEST_F(LaneBookTest, SendsAgainWhatWasAcknowledgedBehindAFailure) {
  for (int i = 0; i < 3; ++i) Admit("a");
  TakeAll();
  Report(1, Outcome::kRefused);
  Report(2, Outcome::kDelivered);
  Report(3, Outcome::kDelivered);
  EXPECT_EQ(book_->checkpoint(), Position(0));
  book_->BackOffOver("a");
  EXPECT_THAT(TakeAll(), ElementsAre(1)) << "an event that was refused before goes alone";
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(2, 3));
}

TEST_F(LaneBookTest, KeepsWhatWasAcknowledgedBeforeAFailure) {
  for (int i = 0; i < 3; ++i) Admit("a");
  TakeAll();
  Report(1, Outcome::kDelivered);
  Report(2, Outcome::kUnavailable);
  Report(3, Outcome::kUnavailable);
  EXPECT_EQ(book_->checkpoint(), Position(1));
  EXPECT_THAT(TakeAll(), ElementsAre(2, 3));
}

TEST_F(LaneBookTest, AFailureOfTheSinkBurnsNoAttempt) {
  Admit("a");
  for (int i = 0; i < 100; ++i) {
    TakeAll();
    EXPECT_EQ(Report(1, Outcome::kUnavailable).kind, Kind::kNone);
  }
}

TEST_F(LaneBookTest, GivesAnEventUpAfterItsLastAttempt) {
  Admit("a");
  for (uint32_t attempt = 1; attempt <= 4; ++attempt) {
    TakeAll();
    EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kBackOff);
    book_->BackOffOver("a");
  }
  TakeAll();
  EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kDeadLetter);
  EXPECT_EQ(book_->Front("a").attempts, 5u);
  EXPECT_EQ(book_->Front("a").error, "because");
  EXPECT_EQ(book_->checkpoint(), Position(0)) << "not before the dead letter is written";
  EXPECT_EQ(book_->DeadLettered("a").kind, Kind::kNone);
  EXPECT_EQ(book_->checkpoint(), Position(1));
  EXPECT_EQ(book_->dead_lettered(), 1u);
}

TEST_F(LaneBookTest, AParkedLaneSendsWhatFollowsAfterIt) {
  Use({.attempts_max = 1});
  Admit("a");
  TakeAll();
  Admit("a");
  EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kDeadLetter);
  const LaneDuty next = book_->DeadLettered("a");
  EXPECT_EQ(next.kind, Kind::kDeadLetter);
  EXPECT_EQ(book_->Front("a").attempts, 0u);
  book_->DeadLettered("a");
  EXPECT_EQ(Admit("a").kind, Kind::kDeadLetter);
  EXPECT_EQ(Admit("a").kind, Kind::kNone) << "one at a time";
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_EQ(book_->parked_lanes(), 1u);
}

TEST_F(LaneBookTest, MaySkipAheadInstead) {
  Use({.attempts_max = 1, .park = false});
  Admit("a");
  TakeAll();
  Admit("a");
  Report(1, Outcome::kRefused);
  EXPECT_EQ(book_->DeadLettered("a").kind, Kind::kNone);
  EXPECT_THAT(TakeAll(), ElementsAre(2));
  EXPECT_EQ(book_->parked_lanes(), 0u);
}

TEST_F(LaneBookTest, BacksOffWhenTooManyLanesAreParked) {
  Use({.attempts_max = 1, .parked_lanes_max = 1});
  Admit("a");
  Admit("b");
  TakeAll();
  EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kDeadLetter);
  book_->DeadLettered("a");
  EXPECT_EQ(Report(2, Outcome::kRefused).kind, Kind::kBackOff);
}

TEST_F(LaneBookTest, RemembersLanesThatAnEarlierRunParked) {
  book_->Park("a");
  EXPECT_EQ(Admit("a").kind, Kind::kDeadLetter);
  EXPECT_EQ(Admit("b").kind, Kind::kNone);
}

TEST_F(LaneBookTest, BoundsWhatIsOnItsWayInALane) {
  Use({.in_flight_per_lane_max = 1});
  for (const char* stream : {"a", "a", "b"}) Admit(stream);
  EXPECT_THAT(TakeAll(), ElementsAre(1, 3));
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(2));
}

TEST_F(LaneBookTest, LetsGoOfAPinWhenTheEventIsDone) {
  auto pin = std::make_shared<int>(1);
  RecordedEvent event;
  event.position = Position(1);
  event.stream = "a";
  book_->Admit(OutboundEvent{&event, nullptr, 0, false}, pin);
  TakeAll();
  EXPECT_EQ(pin.use_count(), 2);
  Report(1, Outcome::kDelivered);
  EXPECT_EQ(pin.use_count(), 1);
}

TEST_F(LaneBookTest, TellsRetriesFromFirstTries) {
  Admit("a");
  EXPECT_FALSE(book_->Take()->again);
  Report(1, Outcome::kUnavailable);
  EXPECT_TRUE(book_->Take()->again);
}

TEST_F(LaneBookTest, IgnoresCallsForLanesThatAreGone) {
  book_->BackOffOver("nowhere");
  EXPECT_EQ(book_->DeadLettered("nowhere").kind, Kind::kNone);
}

}  // namespace
}  // namespace nexus::route
