#include "route/breaker.h"

#include "gtest/gtest.h"

namespace nexus::route {
namespace {

using State = Breaker::State;

TEST(BackOffTest, DoublesUpToItsLimit) {
  const absl::Duration base = absl::Milliseconds(50);
  EXPECT_EQ(BackOff(base, absl::Seconds(1), 1, 0), absl::Milliseconds(50));
  EXPECT_EQ(BackOff(base, absl::Seconds(1), 2, 0), absl::Milliseconds(100));
  EXPECT_EQ(BackOff(base, absl::Seconds(1), 6, 0), absl::Seconds(1));
  EXPECT_EQ(BackOff(base, absl::Seconds(1), UINT32_MAX, 0), absl::Seconds(1));
}

TEST(BackOffTest, SpreadsOverHalfOfThePause) {
  for (uint64_t random : {uint64_t{0}, uint64_t{1}, uint64_t{999}, UINT64_MAX}) {
    const absl::Duration pause = BackOff(absl::Seconds(1), absl::Seconds(1), 3, random);
    EXPECT_GE(pause, absl::Milliseconds(500));
    EXPECT_LE(pause, absl::Seconds(1));
  }
}

TEST(BreakerTest, LetsNothingThroughWhileOpen) {
  Breaker breaker{{}};
  EXPECT_TRUE(breaker.Allows(100));
  EXPECT_TRUE(breaker.Fail(0).has_value());
  EXPECT_FALSE(breaker.Allows(0));
}

TEST(BreakerTest, CountsFailuresOfOneOutageOnce) {
  Breaker breaker{{}};
  EXPECT_EQ(breaker.Fail(0), absl::Milliseconds(50));
  EXPECT_FALSE(breaker.Fail(0).has_value());
}

TEST(BreakerTest, ProbesWithOneEventAfterThePause) {
  Breaker breaker{{}};
  breaker.Fail(0);
  breaker.PauseOver();
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_TRUE(breaker.Allows(0));
  EXPECT_FALSE(breaker.Allows(1));
}

TEST(BreakerTest, PausesLongerAfterAFailedProbe) {
  Breaker breaker{{}};
  breaker.Fail(0);
  breaker.PauseOver();
  EXPECT_EQ(breaker.Fail(0), absl::Milliseconds(100));
}

TEST(BreakerTest, ForgetsItsPausesWhenAProbeSucceeds) {
  Breaker breaker{{}};
  breaker.Fail(0);
  breaker.PauseOver();
  breaker.Fail(0);
  breaker.PauseOver();
  breaker.Succeed();
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_EQ(breaker.Fail(0), absl::Milliseconds(50));
}

TEST(BreakerTest, IgnoresALateSuccessFromBeforeTheFailure) {
  Breaker breaker{{}};
  breaker.Fail(0);
  breaker.Succeed();
  EXPECT_EQ(breaker.state(), State::kOpen);
}

}  // namespace
}  // namespace nexus::route
