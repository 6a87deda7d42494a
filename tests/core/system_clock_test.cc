#include "nexus/core/system_clock.h"

#include <ctime>

#include "gtest/gtest.h"

namespace nexus {
namespace {

TEST(SystemClock, TellsTheTimeOfTheMachine) {
  const SystemClock clock;
  const int64_t before = std::time(nullptr);
  const int64_t now = clock.Now().micros / 1'000'000;
  const int64_t after = std::time(nullptr);
  EXPECT_LE(before - 1, now);
  EXPECT_LE(now, after);
}

TEST(SystemClock, NeverRunsBackwards) {
  const SystemClock clock;
  absl::Duration last = clock.Monotonic();
  for (int i = 0; i < 10'000; ++i) {
    const absl::Duration now = clock.Monotonic();
    ASSERT_LE(last, now);
    last = now;
  }
}

TEST(SystemClock, MovesOn) {
  const SystemClock clock;
  const absl::Duration start = clock.Monotonic();
  while (clock.Monotonic() == start) {
  }
  EXPECT_GT(clock.Monotonic(), start);
}

}  // namespace
}  // namespace nexus
