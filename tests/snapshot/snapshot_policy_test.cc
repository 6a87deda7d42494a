#include "snapshot/snapshot_policy.h"

#include <gtest/gtest.h>

namespace nexus::snapshot {
namespace {

using domain::SnapshotDeclaration;
using domain::SnapshotMode;

SnapshotDeclaration Fixed(uint64_t events, uint64_t state_bytes = 1'000'000) {
  return {.mode = SnapshotMode::kFixed, .events = events, .state_bytes = state_bytes};
}
SnapshotDeclaration Adaptive() { return {.mode = SnapshotMode::kAdaptive}; }

ReplayCost CostOf(uint64_t events, double milliseconds) {
  ReplayCost cost;
  cost.Add(events, absl::Milliseconds(milliseconds));
  return cost;
}

SnapshotReason Need(const SnapshotDeclaration& declared, const SnapshotProgress& progress,
                    uint64_t now, const ReplayCost& cost = {}) {
  return NeedAfterAppend(declared, progress, Revision(now), cost);
}

TEST(SnapshotPolicyTest, FixedMakesOneAfterMoreThanSoManyEvents) {
  // Revision 99 is the hundredth event.
  EXPECT_EQ(Need(Fixed(100), {}, 99), SnapshotReason::kNone);
  EXPECT_EQ(Need(Fixed(100), {}, 100), SnapshotReason::kEvents);
  const SnapshotProgress at{.last = Revision(100)};
  EXPECT_EQ(Need(Fixed(100), at, 200), SnapshotReason::kNone);
  EXPECT_EQ(Need(Fixed(100), at, 201), SnapshotReason::kEvents);
  EXPECT_EQ(Need(Fixed(100), at, 5'000), SnapshotReason::kEvents);
}

TEST(SnapshotPolicyTest, MakesNoneWithoutAnEventSinceTheLast) {
  for (const SnapshotDeclaration& declared : {Fixed(0), Adaptive()}) {
    EXPECT_EQ(Need(declared, {.last = Revision(7), .bytes_since = 1 << 30}, 7),
              SnapshotReason::kNone);
    // Behind what was seen of it, after a restart with an older log.
    EXPECT_EQ(Need(declared, {.last = Revision(7)}, 3), SnapshotReason::kNone);
  }
}

TEST(SnapshotPolicyTest, NoneMakesNone) {
  const SnapshotDeclaration none{.mode = SnapshotMode::kNone};
  EXPECT_EQ(Need(none, {.bytes_since = 1 << 30}, 1'000'000), SnapshotReason::kNone);
}

TEST(SnapshotPolicyTest, FixedMeasuresTheStateWhenEnoughBytesOfEventsCame) {
  const SnapshotDeclaration declared = Fixed(1'000, 16'000);
  EXPECT_EQ(Need(declared, {.bytes_since = 999}, 5), SnapshotReason::kNone);
  EXPECT_EQ(Need(declared, {.bytes_since = 1'000}, 5), SnapshotReason::kMeasure);
  // A large state is measured less often: it costs as much as it is large.
  EXPECT_EQ(Need(declared, {.measured_bytes = 40'000, .bytes_since = 9'999}, 5),
            SnapshotReason::kNone);
  EXPECT_EQ(Need(declared, {.measured_bytes = 40'000, .bytes_since = 10'000}, 5),
            SnapshotReason::kMeasure);
}

TEST(SnapshotPolicyTest, ALargeStateIsReasonEnoughAndThenAgainWhenItGrewByHalf) {
  const SnapshotDeclaration declared = Fixed(1'000, 16'000);
  EXPECT_FALSE(IsLargeState(declared, {}, 16'000));
  EXPECT_TRUE(IsLargeState(declared, {}, 16'001));
  // The last one was below the bound.
  EXPECT_TRUE(IsLargeState(declared, {.last = Revision(3), .last_bytes = 15'999}, 16'001));
  const SnapshotProgress large{.last = Revision(3), .last_bytes = 20'000};
  EXPECT_FALSE(IsLargeState(declared, large, 29'999));
  EXPECT_TRUE(IsLargeState(declared, large, 30'000));
}

TEST(SnapshotPolicyTest, AdaptiveTakesAsManyEventsAsFoldInAMillisecond) {
  EXPECT_EQ(AdaptiveInterval({}), 100u);
  EXPECT_EQ(AdaptiveInterval(CostOf(1'000, 2)), 100u);   // 500 a ms
  EXPECT_EQ(AdaptiveInterval(CostOf(1'000, 20)), 50u);   // 50 a ms
  EXPECT_EQ(AdaptiveInterval(CostOf(1'000, 60)), 16u);   // 16.7 a ms
  EXPECT_EQ(AdaptiveInterval(CostOf(1'000, 500)), 10u);  // 2 a ms
}

TEST(SnapshotPolicyTest, AdaptiveMakesOneAfterItsInterval) {
  const ReplayCost cost = CostOf(1'000, 20);
  EXPECT_EQ(Need(Adaptive(), {}, 48, cost), SnapshotReason::kNone);
  EXPECT_EQ(Need(Adaptive(), {}, 49, cost), SnapshotReason::kEvents);
  EXPECT_EQ(Need(Adaptive(), {.last = Revision(49)}, 98, cost), SnapshotReason::kNone);
  EXPECT_EQ(Need(Adaptive(), {.last = Revision(49)}, 99, cost), SnapshotReason::kEvents);
}

TEST(SnapshotPolicyTest, WhatWasMeasuredLongAgoCountsLess) {
  ReplayCost cost;
  cost.Add(10, absl::Seconds(1));  // the code was cold
  for (int i = 0; i < 20; ++i) cost.Add(4'000, absl::Milliseconds(80));
  EXPECT_LE(cost.events(), 2 * kReplaySampleEvents);
  EXPECT_NEAR(static_cast<double>(cost.events()) / cost.milliseconds(), 50, 1);
}

}  // namespace
}  // namespace nexus::snapshot
