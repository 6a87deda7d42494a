#include "nexus/core/trusted_clock.h"

#include <vector>

#include "fake/manual_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TrustedClockTest : public ::testing::Test {
 protected:
  // The wall clock alone moves.
  void Leap(absl::Duration by) {
    wall_.SetNow(Timestamp{wall_.Now().micros + absl::ToInt64Microseconds(by)});
  }
  // Since the start of the test.
  absl::Duration Told() const { return absl::Microseconds(clock_.Now().micros - start_.micros); }

  fake::ManualClock wall_;
  const Timestamp start_ = wall_.Now();
  std::vector<absl::Duration> leaps_;
  TrustedClock clock_{wall_, [this](absl::Duration by) { leaps_.push_back(by); }};
};

TEST_F(TrustedClockTest, FollowsAClockThatGoes) {
  for (int i = 0; i < 100; ++i) wall_.Advance(absl::Hours(5));
  EXPECT_EQ(Told(), absl::Hours(500));
  EXPECT_EQ(clock_.Monotonic(), absl::Hours(500));
  EXPECT_THAT(leaps_, IsEmpty());
}

TEST_F(TrustedClockTest, FollowsASmallCorrection) {
  Leap(absl::Hours(1));
  EXPECT_EQ(Told(), absl::Hours(1));
  Leap(-absl::Minutes(20));
  EXPECT_EQ(Told(), absl::Minutes(40));
  EXPECT_THAT(leaps_, IsEmpty());
}

TEST_F(TrustedClockTest, GoesOnAtItsOwnPaceAfterALeapAhead) {
  Leap(absl::Hours(24 * 365));
  EXPECT_EQ(Told(), absl::ZeroDuration());
  wall_.Advance(absl::Minutes(3));
  EXPECT_EQ(Told(), absl::Minutes(3));
  EXPECT_THAT(leaps_, ElementsAre(absl::Hours(24 * 365)));
}

TEST_F(TrustedClockTest, TellsEachLeapOnce) {
  Leap(absl::Hours(2));
  Told();
  Told();
  Leap(-absl::Hours(2));
  EXPECT_EQ(Told(), absl::ZeroDuration());
  Leap(absl::Hours(3));
  Told();
  EXPECT_THAT(leaps_, ElementsAre(absl::Hours(2), absl::Hours(3)));
}

TEST_F(TrustedClockTest, IsNotMovedByManySmallLeapsThatMakeALargeOne) {
  Leap(absl::Hours(1) + absl::Microseconds(1));
  for (int i = 0; i < 10; ++i) {
    Told();
    Leap(absl::Minutes(59));
  }
  EXPECT_EQ(Told(), absl::ZeroDuration());
}

TEST_F(TrustedClockTest, LetsTheClockGoBackAndComeAgain) {
  Leap(-absl::Hours(24));
  EXPECT_EQ(Told(), -absl::Hours(24));
  Leap(absl::Hours(24));
  EXPECT_EQ(Told(), absl::ZeroDuration());
  EXPECT_THAT(leaps_, IsEmpty());
}

TEST_F(TrustedClockTest, LetsTheClockCatchUpWithTheLastRecordedTime) {
  clock_.NotBefore(Timestamp{start_.micros + absl::ToInt64Microseconds(absl::Hours(10))});
  EXPECT_EQ(Told(), absl::ZeroDuration());
  Leap(absl::Hours(10));
  EXPECT_EQ(Told(), absl::Hours(10));
  Leap(absl::Hours(2));
  EXPECT_EQ(Told(), absl::Hours(10));
  EXPECT_THAT(leaps_, ElementsAre(absl::Hours(2)));
}

}  // namespace
}  // namespace nexus
