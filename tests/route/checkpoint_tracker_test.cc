#include "route/checkpoint_tracker.h"

#include <random>
#include <set>

#include "gtest/gtest.h"

namespace nexus::route {
namespace {

TEST(CheckpointTrackerTest, StandsBeforeTheFirstThatIsNotDone) {
  CheckpointTracker tracker(Position(10));
  tracker.Begin(Position(11));
  tracker.Begin(Position(12));
  tracker.Begin(Position(13));
  EXPECT_EQ(tracker.checkpoint(), Position(10));
  tracker.Done(Position(12));
  EXPECT_EQ(tracker.checkpoint(), Position(10));
  tracker.Done(Position(11));
  EXPECT_EQ(tracker.checkpoint(), Position(12));
  tracker.Done(Position(13));
  EXPECT_EQ(tracker.checkpoint(), Position(13));
}

TEST(CheckpointTrackerTest, PassesWhatIsNotMeantForTheSink) {
  CheckpointTracker tracker(Position(0));
  tracker.Skip(Position(1));
  EXPECT_EQ(tracker.checkpoint(), Position(1));
  tracker.Begin(Position(2));
  tracker.Skip(Position(3));
  EXPECT_EQ(tracker.checkpoint(), Position(1));
  tracker.Done(Position(2));
  EXPECT_EQ(tracker.checkpoint(), Position(3));
}

TEST(CheckpointTrackerTest, IgnoresWhatItDoesNotKnow) {
  CheckpointTracker tracker(Position(0));
  tracker.Begin(Position(1));
  tracker.Done(Position(7));
  tracker.Done(Position(0));
  EXPECT_EQ(tracker.checkpoint(), Position(0));
  tracker.Done(Position(1));
  tracker.Done(Position(1));
  EXPECT_EQ(tracker.checkpoint(), Position(1));
}

// Against the rule itself, word for word.
TEST(CheckpointTrackerTest, IsTheHighestPositionBelowWhichAllIsDone) {
  std::mt19937_64 random(7);
  CheckpointTracker tracker(Position(0));
  std::set<uint64_t> open;
  uint64_t last = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (open.empty() || random() % 2 == 0) {
      ++last;
      if (random() % 3 == 0) {
        tracker.Skip(Position(last));
      } else {
        tracker.Begin(Position(last));
        open.insert(last);
      }
    } else {
      auto it = open.begin();
      std::advance(it, static_cast<long>(random() % open.size()));
      tracker.Done(Position(*it));
      open.erase(it);
    }
    ASSERT_EQ(tracker.checkpoint().value, open.empty() ? last : *open.begin() - 1);
  }
}

}  // namespace
}  // namespace nexus::route
