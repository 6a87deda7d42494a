// Groups are as large as the disk can take in a short time.

#include "storage/rocksdb/group_pace.h"

#include <gtest/gtest.h>

namespace nexus::storage {
namespace {

constexpr size_t kMost = 8 << 20;

struct Disk {
  absl::Duration sync;
  double bytes_per_second = 0;

  absl::Duration Write(size_t bytes) const {
    return sync + absl::Seconds(static_cast<double>(bytes) / bytes_per_second);
  }
};

constexpr Disk kQuick{absl::Microseconds(200), 400e6};
constexpr Disk kSlow{absl::Milliseconds(5), 1e6};

class GroupPaceTest : public ::testing::Test {
 protected:
  // More waits than a group may hold; gives how long the last of `groups` took.
  absl::Duration Flood(const Disk& disk, int groups) {
    absl::Duration took;
    for (int i = 0; i < groups; ++i) {
      const size_t bytes = pace_.BytesMax(kMost);
      took = disk.Write(bytes);
      pace_.Took(took, bytes);
    }
    return took;
  }

  GroupPace pace_;
};

TEST_F(GroupPaceTest, LimitsNothingBeforeItKnows) { EXPECT_EQ(pace_.BytesMax(kMost), kMost); }

TEST_F(GroupPaceTest, LimitsNothingOnAQuickDisk) {
  Flood(kQuick, 20);
  EXPECT_EQ(pace_.BytesMax(kMost), kMost);
}

TEST_F(GroupPaceTest, KeepsGroupsShortOnASlowDiskAndLosesLittle) {
  EXPECT_GT(Flood(kSlow, 1), absl::Seconds(8)) << "nobody knew";
  const absl::Duration took = Flood(kSlow, 30);
  EXPECT_LT(took, absl::Milliseconds(60));
  const double rate = static_cast<double>(pace_.BytesMax(kMost)) / absl::ToDoubleSeconds(took);
  EXPECT_GT(rate, 0.85 * kSlow.bytes_per_second);
}

TEST_F(GroupPaceTest, FollowsADiskThatBecomesSlowAndQuickAgain) {
  Flood(kQuick, 20);
  Flood(kSlow, 1);
  EXPECT_LT(Flood(kSlow, 10), absl::Milliseconds(100));
  Flood(kQuick, 30);
  EXPECT_EQ(pace_.BytesMax(kMost), kMost);
}

TEST_F(GroupPaceTest, GrowsFromSmallGroupsThatPaidForTheirSyncAlone) {
  for (int i = 0; i < 20; ++i) pace_.Took(kQuick.Write(600), 600);
  EXPECT_LT(pace_.BytesMax(kMost), kMost);
  Flood(kQuick, 20);
  EXPECT_EQ(pace_.BytesMax(kMost), kMost);
}

TEST_F(GroupPaceTest, AStandstillDoesNotMakeGroupsOfOne) {
  Flood(kQuick, 20);
  pace_.Took(absl::Seconds(60), 600);
  pace_.Took(absl::Seconds(60), 600);
  EXPECT_GE(pace_.BytesMax(kMost), size_t{16} << 10);
  EXPECT_EQ(GroupPace(pace_).BytesMax(1'000), 1'000u) << "nor more than the queue allows";
}

}  // namespace
}  // namespace nexus::storage
