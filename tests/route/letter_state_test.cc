#include "route/letter_state.h"

#include <deque>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/lane_book.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

class LetterStateTest : public ::testing::Test {
 protected:
  absl::Status Apply(absl::string_view type, const std::string& data) {
    texts_.push_back(data);
    RecordedEvent event;
    event.revision = Revision(next_++);
    event.type = type;
    event.data = texts_.back();
    event.principal = "ann";
    return state_.Apply(event, json_);
  }
  // Gives its id.
  uint64_t Write(const std::string& stream, uint64_t revision,
                 LetterFate fate = LetterFate::kParked, const std::string& route = "r") {
    RecordedEvent of;
    of.stream = stream;
    of.revision = Revision(revision);
    of.position = Position(100 + revision);
    of.type = "placed";
    DeadLetter letter;
    letter.route = route;
    letter.sink = "files";
    letter.event.event = &of;
    letter.attempts = 5;
    letter.error = "no";
    letter.fate = fate;
    EXPECT_TRUE(Apply(kDeadLetterType, EncodeLetter(letter)).ok());
    return next_ - 1;
  }
  void Act(LetterAction::Kind kind, uint64_t letter) {
    const LetterAction action{.kind = kind, .letter = letter, .comment = "why"};
    EXPECT_TRUE(Apply(TypeOf(kind), EncodeLetterAction(action)).ok());
  }

  schema::SimdJsonReader json_;
  std::deque<std::string> texts_;
  uint64_t next_ = 0;
  LetterState state_;
};

TEST_F(LetterStateTest, KeepsWhatIsOpen) {
  const uint64_t id = Write("order-1", 3);
  const Letter* letter = state_.FindLane("r", "order-1");
  ASSERT_NE(letter, nullptr);
  EXPECT_EQ(letter->id, id);
  EXPECT_EQ(letter->position, Position(103));
  EXPECT_EQ(letter->attempts, 5u);
  EXPECT_FALSE(letter->retrying);
  EXPECT_EQ(state_.FindLane("s", "order-1"), nullptr);
}

TEST_F(LetterStateTest, ARetryGoesOnWithTheEventAndASkipBehindIt) {
  const uint64_t one = Write("order-1", 3);
  const uint64_t two = Write("order-2", 5);
  Act(LetterAction::Kind::kRetried, one);
  Act(LetterAction::Kind::kSkipped, two);
  EXPECT_EQ(state_.Find(one)->retry_from, Revision(3));
  EXPECT_EQ(state_.Find(two)->retry_from, Revision(6));
  EXPECT_EQ(state_.Find(two)->decided_by, "ann");
  EXPECT_EQ(state_.Find(two)->comment, "why");
  Act(LetterAction::Kind::kRecovered, one);
  EXPECT_EQ(state_.Find(one), nullptr);
  EXPECT_EQ(state_.closed(), 1u);
}

TEST_F(LetterStateTest, ALaterLetterTakesThePlaceOfOneThatWasTriedAgain) {
  const uint64_t one = Write("order-1", 3);
  Act(LetterAction::Kind::kRetried, one);
  const uint64_t two = Write("order-1", 4);
  EXPECT_EQ(state_.Find(one), nullptr) << "it was delivered, or the next would not have been tried";
  EXPECT_EQ(state_.FindLane("r", "order-1")->id, two);
  EXPECT_EQ(state_.Find(two)->attempts, 5u);
}

// Once, each event behind a parked one had a letter of its own.
TEST_F(LetterStateTest, ReadsALogOfEarlierTimes) {
  const char* const old =
      R"({"sink":"files","stream":"order-1","revision":%d,"position":9,"event_id":"x",)"
      R"("type":"t","attempts":%d,"error":"e"})";
  EXPECT_TRUE(Apply(kDeadLetterType, absl::StrFormat(old, 3, 5)).ok());
  EXPECT_TRUE(Apply(kDeadLetterType, absl::StrFormat(old, 4, 0)).ok());
  ASSERT_EQ(state_.letters().size(), 1u);
  EXPECT_EQ(state_.FindLane("files", "order-1")->revision, Revision(3));
  state_.Rename("files", "standard");
  EXPECT_NE(state_.FindLane("standard", "order-1"), nullptr);
  EXPECT_TRUE(Apply(kDeadLetterType, absl::StrFormat(old, 5, 0)).ok());
  EXPECT_EQ(state_.letters().size(), 1u);
}

TEST_F(LetterStateTest, WhatARuleSkipsIsNotOpen) {
  Write("order-1", 3, LetterFate::kSkipped);
  EXPECT_TRUE(state_.letters().empty());
  EXPECT_EQ(state_.closed(), 1u);
}

TEST_F(LetterStateTest, AnEventThatItsStreamHasPassedIsALaneOfItsOwn) {
  const uint64_t one = Write("order-1", 3, LetterFate::kPassed);
  const uint64_t two = Write("order-1", 4, LetterFate::kPassed);
  EXPECT_EQ(state_.FindLane("r", "order-1"), nullptr);
  EXPECT_EQ(state_.FindLane("r", LaneBook::LaneOfOne("order-1", Revision(4)))->id, two);
  Act(LetterAction::Kind::kSkipped, one);
  EXPECT_EQ(state_.Find(one), nullptr) << "nothing waits behind it";
}

TEST_F(LetterStateTest, TwoMayHaveTheSameIdea) {
  const uint64_t one = Write("order-1", 3);
  Act(LetterAction::Kind::kRecovered, one);
  Act(LetterAction::Kind::kRetried, one);
  EXPECT_TRUE(state_.letters().empty());
}

TEST_F(LetterStateTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(ReasonOf(Apply("$dead-letter-burnt", "{}")), ErrorReason::kUnsupportedFormat);
  EXPECT_EQ(ReasonOf(Apply(kDeadLetterType, "{}")), ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonOf(Apply(kLetterRetriedType, "[]")), ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonOf(Apply(kLetterRetriedType, "{}")), ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace nexus::route
