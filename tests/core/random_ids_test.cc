#include "nexus/core/random_ids.h"

#include <algorithm>
#include <bitset>
#include <set>
#include <thread>
#include <vector>

#include "fake/manual_clock.h"
#include "gtest/gtest.h"
#include "nexus/core/ids.h"
#include "nexus/core/system_clock.h"

namespace nexus {
namespace {

uint64_t MillisOf(const UuidBytes& id) {
  uint64_t millis = 0;
  for (int i = 0; i < 6; ++i) millis = millis << 8 | id[i];
  return millis;
}

TEST(RandomIds, MakesUuidsOfVersionSeven) {
  const SystemClock clock;
  RandomIds ids(clock);
  for (int i = 0; i < 1'000; ++i) {
    const UuidBytes id = ids.NewUuid();
    ASSERT_EQ(id[6] >> 4, 7) << FormatUuid(id);
    ASSERT_EQ(id[8] >> 6, 2) << FormatUuid(id);
  }
}

TEST(RandomIds, BeginWithTheTime) {
  fake::ManualClock clock(Timestamp{1'700'000'000'123'456});
  RandomIds ids(clock);
  EXPECT_EQ(MillisOf(ids.NewUuid()), 1'700'000'000'123u);
}

TEST(RandomIds, SortByTheTimeWithinAMillisecond) {
  fake::ManualClock clock(Timestamp{1'700'000'000'000'100});
  RandomIds early(clock);
  RandomIds late(clock);
  const UuidBytes first = early.NewUuid();
  clock.Advance(absl::Microseconds(10));
  EXPECT_LT(first, late.NewUuid());
}

TEST(RandomIds, GrowWhileTheClockStandsStill) {
  fake::ManualClock clock;
  RandomIds ids(clock);
  UuidBytes last = ids.NewUuid();
  for (int i = 0; i < 10'000; ++i) {
    const UuidBytes next = ids.NewUuid();
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(RandomIds, GrowWhenTheClockIsSetBack) {
  fake::ManualClock clock;
  RandomIds ids(clock);
  const UuidBytes before = ids.NewUuid();
  clock.SetNow(Timestamp{clock.Now().micros - 3'600'000'000});
  EXPECT_LT(before, ids.NewUuid());
}

TEST(RandomIds, TakeATimeBeforeTheEpochAsTheEpoch) {
  fake::ManualClock clock(Timestamp{-5});
  RandomIds ids(clock);
  EXPECT_EQ(MillisOf(ids.NewUuid()), 0u);
}

TEST(RandomIds, DifferAcrossThreads) {
  const SystemClock clock;
  RandomIds ids(clock);
  std::vector<std::vector<UuidBytes>> made(8);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(ids.NewUuid());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<UuidBytes> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 40'000u);
}

TEST(RandomIds, DifferBetweenTwoSourcesOfOneMoment) {
  fake::ManualClock clock;
  RandomIds one(clock);
  RandomIds other(clock);
  EXPECT_NE(one.NewUuid(), other.NewUuid());
}

TEST(RandomIds, GiveEvenlySpreadBits) {
  const SystemClock clock;
  RandomIds ids(clock);
  std::vector<int> ones(64, 0);
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    const std::bitset<64> bits(ids.Random());
    for (int b = 0; b < 64; ++b) ones[b] += bits[b];
  }
  // 10 standard deviations: wrong once in far more runs than there will be.
  for (const int count : ones) EXPECT_NEAR(count, kDraws / 2, 710);
}

}  // namespace
}  // namespace nexus
