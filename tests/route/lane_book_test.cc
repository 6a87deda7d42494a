#include "route/lane_book.h"

#include <deque>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = LaneDuty::Kind;

class LaneBookTest : public ::testing::Test {
 protected:
  void Admit(absl::string_view stream) {
    RecordedEvent& event = events_.emplace_back();
    event.position = Position(events_.size());
    event.recorded = Timestamp{static_cast<int64_t>(events_.size())};
    event.stream = stream;
    book_->Admit(Outbound(event), nullptr);
  }
  static OutboundEvent Outbound(const RecordedEvent& event) {
    OutboundEvent outbound;
    outbound.event = &event;
    return outbound;
  }
  // Those of the log at these positions, read again.
  std::vector<OutboundEvent> Again(const std::vector<uint64_t>& positions) {
    std::vector<OutboundEvent> events;
    for (const uint64_t position : positions) events.push_back(Outbound(events_[position - 1]));
    return events;
  }
  // "more 3", "done": with the lane before it.
  std::vector<std::string> Recoveries() {
    std::vector<std::string> out;
    for (const RecoveryDuty& duty : book_->TakeRecoveries()) {
      out.push_back(duty.done ? duty.lane + " done"
                              : absl::StrCat(duty.lane, " from ", duty.from.value));
    }
    return out;
  }
  // Position 1 of lane "a" is parked.
  void ParkFirst() {
    Use({.attempts_max = 1});
    Admit("a");
    TakeAll();
    Report(1, Outcome::kRefused);
    book_->DeadLettered("a");
  }
  std::vector<uint64_t> TakeAll() {
    std::vector<uint64_t> taken;
    while (auto handover = book_->Take()) taken.push_back(handover->event.event->position.value);
    return taken;
  }
  LaneDuty Report(uint64_t position, Outcome outcome) {
    return book_->Report(Position(position), outcome, {.error = "because"});
  }
  LaneDuty Refuse(uint64_t position, ErrorAction action) {
    return book_->Report(Position(position), Outcome::kRefused,
                         {.error_class = ErrorClass::kTooLarge, .action = action});
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

TEST_F(LaneBookTest, InRunsAStreamHasASecondOnItsWayOnlyRightBehindTheFirst) {
  Use({.only_in_runs = true});
  for (const char* stream : {"a", "a", "b", "a"}) Admit(stream);
  EXPECT_THAT(TakeAll(), ElementsAre(1, 2, 4, 3));
  Admit("a");
  Admit("b");
  EXPECT_THAT(TakeAll(), ElementsAre(6)) << "of a there are some on their way, and b was last";
  Report(1, Outcome::kDelivered);
  Report(2, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), IsEmpty());
  Report(4, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(5));
}

TEST_F(LaneBookTest, ARunEndsHoweverQuicklyItIsDelivered) {
  Use({.in_flight_per_lane_max = 2, .only_in_runs = true});
  for (const char* stream : {"a", "a", "a", "a", "b"}) Admit(stream);
  std::vector<uint64_t> taken;
  while (auto handover = book_->Take()) {
    taken.push_back(handover->event.event->position.value);
    Report(taken.back(), Outcome::kDelivered);
  }
  EXPECT_THAT(taken, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(book_->checkpoint().value, 5u);
}

TEST_F(LaneBookTest, ARunDoesNotGoOnAfterAFailure) {
  Use({.only_in_runs = true});
  for (const char* stream : {"a", "a", "b"}) Admit(stream);
  EXPECT_EQ(book_->Take()->event.event->position.value, 1u);
  Report(1, Outcome::kRefused);
  EXPECT_THAT(TakeAll(), ElementsAre(3));
  book_->BackOffOver("a");
  EXPECT_THAT(TakeAll(), ElementsAre(1)) << "it goes alone";
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(2));
}

TEST_F(LaneBookTest, AllowsFewerALaneFromOneMomentToTheNext) {
  for (const char* stream : {"a", "a", "a", "a"}) Admit(stream);
  book_->Take();
  book_->AllowPerLane(1);
  EXPECT_THAT(TakeAll(), IsEmpty());
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(2));
  book_->AllowPerLane(10'000);
  Report(2, Outcome::kDelivered);
  EXPECT_THAT(TakeAll(), ElementsAre(3, 4));
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

// One revision tells where it stopped: the log has the rest.
TEST_F(LaneBookTest, AParkedLaneLeavesWhatFollowsInTheLog) {
  Use({.attempts_max = 1});
  Admit("a");
  TakeAll();
  Admit("a");
  EXPECT_EQ(Report(1, Outcome::kRefused).kind, Kind::kDeadLetter);
  EXPECT_TRUE(book_->Front("a").parks);
  EXPECT_EQ(book_->DeadLettered("a").kind, Kind::kNone);
  Admit("a");
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_EQ(book_->checkpoint(), Position(3));
  EXPECT_EQ(book_->size(), 0u);
  EXPECT_EQ(book_->dead_lettered(), 1u);
  EXPECT_EQ(book_->parked_lanes(), 1u);
}

TEST_F(LaneBookTest, AParkedLaneCatchesUpInOrderAndGoesOn) {
  ParkFirst();
  Admit("a");
  ASSERT_TRUE(book_->BeginRecovery("a", Revision(0)));
  EXPECT_FALSE(book_->BeginRecovery("a", Revision(0))) << "it is under way";
  EXPECT_THAT(Recoveries(), ElementsAre("a from 0"));
  book_->Recover("a", Again({1}), nullptr, /*all=*/false, Revision(1));
  EXPECT_THAT(TakeAll(), ElementsAre(1));
  Admit("a");
  EXPECT_THAT(TakeAll(), IsEmpty()) << "it is still parked";
  EXPECT_THAT(Recoveries(), IsEmpty()) << "not before the first page is done with";
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(Recoveries(), ElementsAre("a from 1"));
  book_->Recover("a", Again({2, 3}), nullptr, /*all=*/true, Revision(3));
  Admit("a");
  EXPECT_THAT(TakeAll(), ElementsAre(2, 3, 4));
  EXPECT_EQ(book_->checkpoint(), Position(3)) << "what was parked is done with for it";
  Report(2, Outcome::kDelivered);
  Report(3, Outcome::kDelivered);
  EXPECT_THAT(Recoveries(), ElementsAre("a done"));
  Report(4, Outcome::kDelivered);
  EXPECT_EQ(book_->checkpoint(), Position(4));
  EXPECT_EQ(book_->parked_lanes(), 0u);
  EXPECT_EQ(book_->size(), 0u);
}

TEST_F(LaneBookTest, ALaneThatFailsWhileItCatchesUpIsParkedThere) {
  ParkFirst();
  Admit("a");
  ASSERT_TRUE(book_->BeginRecovery("a", Revision(0)));
  book_->TakeRecoveries();
  book_->Recover("a", Again({1, 2}), nullptr, /*all=*/true, Revision(2));
  Admit("a");
  TakeAll();
  Report(1, Outcome::kDelivered);
  Report(3, Outcome::kDelivered);
  EXPECT_EQ(Report(2, Outcome::kRefused).kind, Kind::kDeadLetter);
  EXPECT_EQ(book_->Front("a").event.event->position, Position(2));
  book_->DeadLettered("a");
  EXPECT_EQ(book_->checkpoint(), Position(3));
  EXPECT_THAT(Recoveries(), IsEmpty());
  EXPECT_EQ(book_->parked_lanes(), 1u);
  EXPECT_TRUE(book_->BeginRecovery("a", Revision(1)));
}

TEST_F(LaneBookTest, ALaneWithNothingToCatchUpIsDoneAtOnce) {
  ParkFirst();
  ASSERT_TRUE(book_->BeginRecovery("a", Revision(1)));
  book_->TakeRecoveries();
  book_->Recover("a", {}, nullptr, /*all=*/true, Revision(1));
  EXPECT_THAT(Recoveries(), ElementsAre("a done"));
  Admit("a");
  EXPECT_THAT(TakeAll(), ElementsAre(2));
}

TEST_F(LaneBookTest, IgnoresAPageForALaneThatDoesNotCatchUp) {
  ParkFirst();
  EXPECT_FALSE(book_->BeginRecovery("b", Revision(0)));
  book_->Recover("a", Again({1}), nullptr, true, Revision(1));
  EXPECT_THAT(TakeAll(), IsEmpty());
}

TEST_F(LaneBookTest, SendsOneEventAgainBesideItsLane) {
  Use({.attempts_max = 1, .park = false});
  Admit("a");
  TakeAll();
  Report(1, Outcome::kRefused);
  book_->DeadLettered("a");
  Admit("a");
  ASSERT_TRUE(book_->RecoverOne(Again({1})[0], nullptr));
  EXPECT_FALSE(book_->RecoverOne(Again({1})[0], nullptr)) << "it is under way";
  EXPECT_THAT(TakeAll(), ElementsAre(1, 2));
  Report(1, Outcome::kDelivered);
  EXPECT_THAT(Recoveries(), ElementsAre("a\n0 done"));
  EXPECT_EQ(book_->size(), 1u);
}

TEST_F(LaneBookTest, AnEventAloneIsNotParkedWhenItFailsAgain) {
  ParkFirst();
  RecordedEvent& other = events_.emplace_back();
  other.position = Position(2);
  other.stream = "b";
  book_->Skip(Position(2));
  ASSERT_TRUE(book_->RecoverOne(Outbound(other), nullptr));
  TakeAll();
  EXPECT_EQ(Report(2, Outcome::kRefused).kind, Kind::kDeadLetter);
  EXPECT_FALSE(book_->Front("b\n0").parks);
  book_->DeadLettered("b\n0");
  EXPECT_EQ(book_->parked_lanes(), 1u);
  EXPECT_EQ(book_->size(), 0u);
  EXPECT_THAT(Recoveries(), IsEmpty()) << "its new letter is the end of the old one";
}

TEST_F(LaneBookTest, ARuleMayAskForAPersonAtOnce) {
  Admit("a");
  TakeAll();
  EXPECT_EQ(Refuse(1, ErrorAction::kPerson).kind, Kind::kDeadLetter);
  EXPECT_EQ(book_->Front("a").attempts, 1u);
  EXPECT_EQ(book_->Front("a").error_class, ErrorClass::kTooLarge);
  EXPECT_FALSE(book_->Front("a").skipped);
}

TEST_F(LaneBookTest, ARuleMaySkipAnEventAndTheLaneGoesOn) {
  Admit("a");
  TakeAll();
  Admit("a");
  EXPECT_EQ(Refuse(1, ErrorAction::kSkip).kind, Kind::kDeadLetter);
  EXPECT_TRUE(book_->Front("a").skipped);
  EXPECT_FALSE(book_->Front("a").parks);
  book_->DeadLettered("a");
  EXPECT_EQ(book_->parked_lanes(), 0u);
  EXPECT_THAT(TakeAll(), ElementsAre(2));
}

TEST_F(LaneBookTest, WithoutAPlaceForLettersNothingIsGivenUp) {
  Use({.attempts_max = kAttemptsForEver});
  Admit("a");
  TakeAll();
  EXPECT_EQ(Refuse(1, ErrorAction::kSkip).kind, Kind::kBackOff);
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
  Admit("a");
  Admit("b");
  EXPECT_THAT(TakeAll(), ElementsAre(2));
  EXPECT_TRUE(book_->IsParked("a"));
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
  book_->Admit(Outbound(event), pin);
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
