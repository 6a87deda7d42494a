#include "engine/wait_estimate.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace nexus::engine {
namespace {

constexpr absl::Duration kMs = absl::Milliseconds(1);

// One window of `count` answers, each after `took`, then the answer that closes it.
void Serve(WaitEstimate& wait, absl::Duration& now, int count, absl::Duration took,
           uint64_t inside) {
  for (int i = 0; i <= count; ++i) {
    now += 101 * kMs / count;
    wait.Served(now, took, inside);
  }
}

TEST(WaitEstimateTest, ExpectsNothingBeforeItHasSeenAnything) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  EXPECT_EQ(wait.Expect(now, 1'000), absl::ZeroDuration());
}

TEST(WaitEstimateTest, ExpectsWhatOthersTookAndLessWhereFewerAreInside) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  Serve(wait, now, 10, 80 * kMs, 400);
  EXPECT_EQ(wait.Expect(now, 400), 80 * kMs);
  EXPECT_EQ(wait.Expect(now, 100), 20 * kMs);
  EXPECT_EQ(wait.Expect(now, 4'000), 800 * kMs);
}

// Some tens share a group, and its one sync.
TEST(WaitEstimateTest, TakesSomeTensForNoSlowerThanOne) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  Serve(wait, now, 10, 80 * kMs, 1);
  EXPECT_EQ(wait.Expect(now, 64), 80 * kMs);
  EXPECT_EQ(wait.Expect(now, 128), 160 * kMs);
}

TEST(WaitEstimateTest, GoesByTheQuickestSoThatOneSlowCommitIsNoQueue) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  for (int i = 0; i < 20; ++i) {
    now += 25 * kMs;
    wait.Served(now, absl::Seconds(2), 50);
    wait.Served(now, 3 * kMs, 50);
  }
  EXPECT_EQ(wait.Expect(now, 50), 3 * kMs);
}

TEST(WaitEstimateTest, ForgetsAWindowAgo) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  Serve(wait, now, 10, 900 * kMs, 100);
  Serve(wait, now, 10, 5 * kMs, 100);
  Serve(wait, now, 10, 5 * kMs, 100);
  EXPECT_EQ(wait.Expect(now, 100), 5 * kMs);
}

TEST(WaitEstimateTest, ExpectsAStandstillToLastAsLongAgain) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  Serve(wait, now, 10, 5 * kMs, 100);
  EXPECT_EQ(wait.Expect(now + 700 * kMs, 100), 700 * kMs);
  wait.Left(now + 700 * kMs);
  EXPECT_EQ(wait.Expect(now + 700 * kMs, 100), 5 * kMs);
}

TEST(WaitEstimateTest, KnowsNothingOnceEverybodyHasLeft) {
  WaitEstimate wait;
  absl::Duration now = absl::Seconds(5);
  wait.Emptied(now);
  Serve(wait, now, 10, absl::Seconds(3), 100);
  now += absl::Hours(1);
  wait.Emptied(now);
  EXPECT_EQ(wait.Expect(now, 1'000), absl::ZeroDuration());
}

TEST(WaitEstimateTest, TakesHostileTimes) {
  WaitEstimate wait;
  wait.Served(absl::Seconds(1), absl::InfiniteDuration(), ~uint64_t{0});
  wait.Served(absl::Seconds(2), -absl::Seconds(1), 0);
  wait.Served(absl::Seconds(3), absl::Hours(1'000'000), 1);
  EXPECT_GE(wait.Expect(absl::Seconds(3), 5), absl::ZeroDuration());
}

TEST(WaitEstimateTest, KeepsToWhatItWasToldByManyThreads) {
  WaitEstimate wait;
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([&wait, t] {
      for (int i = 0; i < 10'000; ++i) wait.Served(i * kMs, t * kMs, 10);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::Duration expected = wait.Expect(9'999 * kMs, 10);
  EXPECT_GE(expected, 1 * kMs);
  EXPECT_LE(expected, 4 * kMs);
}

}  // namespace
}  // namespace nexus::engine
