#include "route/pace/lag_meter.h"

#include "gtest/gtest.h"

namespace nexus::route {
namespace {

class LagMeterTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kMs = absl::Milliseconds(1);

  // An event that was recorded now goes to the sink.
  void HandOver(uint64_t position, bool critical = false) {
    meter_.HandedOver(Position(position), critical, ++in_flight_, now_);
  }
  void Deliver(uint64_t position, absl::Duration age, bool critical = false) {
    --in_flight_;
    meter_.Answered(critical, now_);
    meter_.Delivered(Position(position), critical, age, now_);
  }
  RouteLag Lag() { return meter_.Lag(/*pending=*/1, now_); }

  LagMeter meter_;
  size_t in_flight_ = 0;
  absl::Duration now_ = absl::Hours(1);
};

TEST_F(LagMeterTest, IsWhatTheSlowestOfTheLastLookTook) {
  HandOver(1);
  HandOver(2);
  HandOver(3);
  Deliver(1, absl::ZeroDuration());
  Deliver(2, 300 * kMs);
  Deliver(3, 200 * kMs);
  EXPECT_EQ(Lag().standard, 300 * kMs);
  EXPECT_EQ(Lag().critical, absl::ZeroDuration());
}

TEST_F(LagMeterTest, EachPathHasItsOwn) {
  for (const uint64_t position : {1, 2}) HandOver(position, /*critical=*/true);
  HandOver(3);
  Deliver(1, 5 * kMs, /*critical=*/true);
  Deliver(2, 200 * kMs, /*critical=*/true);
  Deliver(3, 900 * kMs);
  EXPECT_EQ(Lag().critical, 200 * kMs);
  EXPECT_EQ(Lag().standard, 900 * kMs);
}

TEST_F(LagMeterTest, ASinkThatIsFarAwayIsNoQueue) {
  HandOver(1, true);
  now_ += 200 * kMs;
  Deliver(1, 200 * kMs, true);
  EXPECT_EQ(Lag().critical, absl::ZeroDuration());
  // What waits for others before it is late by that.
  HandOver(2, true);
  HandOver(3, true);
  now_ += 200 * kMs;
  Deliver(2, 200 * kMs, true);
  now_ += 200 * kMs;
  Deliver(3, 400 * kMs, true);
  EXPECT_EQ(Lag().critical, 200 * kMs);
}

TEST_F(LagMeterTest, ASlowSinkIsAnExcuseForHalfOfThePromiseOnly) {
  HandOver(1, true);
  now_ += 450 * kMs;
  Deliver(1, 450 * kMs, true);
  EXPECT_EQ(Lag().critical, 200 * kMs);
}

TEST_F(LagMeterTest, OneSlowMomentIsForgottenWhenOthersAreQuicker) {
  for (const uint64_t position : {1, 2, 3}) HandOver(position, true);
  now_ += 200 * kMs;
  Deliver(1, 200 * kMs, true);
  Deliver(2, 10 * kMs, true);
  Deliver(3, 310 * kMs, true);
  EXPECT_EQ(Lag().critical, 300 * kMs);
}

TEST_F(LagMeterTest, ASinkThatSaysNothingMakesWhatItHasLate) {
  HandOver(1);
  HandOver(2);
  Deliver(1, absl::ZeroDuration());
  now_ += 700 * kMs;
  EXPECT_EQ(Lag().standard, 700 * kMs);
  EXPECT_EQ(Lag().critical, absl::ZeroDuration()) << "of which it has nothing";
  Deliver(2, 700 * kMs);
  now_ += 700 * kMs;
  HandOver(3);
  now_ += 100 * kMs;
  EXPECT_EQ(Lag().standard, 700 * kMs) << "it had nothing to do in between";
}

TEST_F(LagMeterTest, ARefusalTellsNothingButThatTheSinkIsThere) {
  HandOver(1);
  HandOver(2);
  Deliver(1, absl::ZeroDuration());
  now_ += 700 * kMs;
  meter_.Answered(/*critical=*/false, now_);
  EXPECT_EQ(Lag().standard, absl::ZeroDuration());
}

TEST_F(LagMeterTest, AFewThatCatchUpDoNotCountButMostDo) {
  for (uint64_t position = 1; position <= 7; ++position) HandOver(position, true);
  Deliver(1, absl::ZeroDuration(), true);
  Deliver(2, absl::Hours(1), true);
  Deliver(3, 150 * kMs, true);
  EXPECT_EQ(Lag().critical, 150 * kMs);
  Deliver(4, absl::Hours(1), true);
  Deliver(5, 150 * kMs, true);
  Deliver(6, absl::Hours(1), true);
  EXPECT_EQ(Lag().critical, absl::InfiniteDuration());
}

TEST_F(LagMeterTest, IsRememberedForASecond) {
  HandOver(1);
  HandOver(2);
  HandOver(3, true);
  Deliver(1, absl::ZeroDuration());
  Deliver(2, 800 * kMs);
  EXPECT_EQ(Lag().standard, 800 * kMs);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Lag().standard, 800 * kMs);
  now_ += kMs;
  EXPECT_EQ(Lag().standard, absl::ZeroDuration());
}

TEST_F(LagMeterTest, ARouteThatHasNothingToDoHasNoLag) {
  HandOver(1);
  HandOver(2);
  Deliver(1, absl::ZeroDuration());
  Deliver(2, 800 * kMs);
  EXPECT_EQ(meter_.Lag(/*pending=*/0, now_).standard, absl::ZeroDuration());
  EXPECT_EQ(Lag().standard, absl::ZeroDuration());
}

}  // namespace
}  // namespace nexus::route
