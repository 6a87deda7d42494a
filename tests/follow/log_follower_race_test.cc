#include <atomic>
#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fake/thread_executor.h"
#include "fake/tiny_log.h"
#include "follow/log_follower.h"
#include "gtest/gtest.h"

namespace nexus::follow {
namespace {

// Collects `wanted` events, asking again from within each callback.
class Collector {
 public:
  Collector(LogFollower& follower, size_t wanted) : follower_(follower), wanted_(wanted) { Ask(); }

  bool Wait() { return all_.WaitForNotificationWithTimeout(absl::Seconds(60)); }
  const std::vector<uint64_t>& numbers() const { return numbers_; }

 private:
  void Ask() {
    follower_.Next(absl::Milliseconds(1), [this](absl::StatusOr<FollowStep> step) {
      ASSERT_TRUE(step.ok()) << step.status();
      if (step->batch) {
        for (const RecordedEvent& e : step->batch->events) numbers_.push_back(e.revision.value);
      }
      if (numbers_.size() < wanted_) {
        Ask();
      } else {
        all_.Notify();
      }
    });
  }

  LogFollower& follower_;
  const size_t wanted_;
  std::vector<uint64_t> numbers_;
  absl::Notification all_;
};

void ExpectDense(const std::vector<uint64_t>& numbers, size_t count) {
  ASSERT_EQ(numbers.size(), count);
  for (size_t i = 0; i < count; ++i) ASSERT_EQ(numbers[i], i);
}

// The switch from history to live, over and over, with the head moving under the follower's feet.
TEST(LogFollowerRaceTest, LosesAndRepeatsNothingWhereHistoryMeetsTheLiveTail) {
  fake::ThreadExecutor executor;
  for (int round = 0; round < 300; ++round) {
    fake::TinyLog log;
    HeadSignal signal(executor, Position(0));
    std::thread writer([&] {
      for (int i = 0; i < 60; ++i) signal.Publish(log.Append("order-1"));
    });
    FollowOptions options = FollowOptions::WholeLogAfter(Position(0));
    options.limits.events_max = 1 + round % 7;
    LogFollower follower(log, signal, executor, options);
    Collector collector(follower, 60);
    EXPECT_TRUE(collector.Wait()) << "round " << round;
    writer.join();
    follower.Stop();
    ExpectDense(collector.numbers(), 60);
  }
}

TEST(LogFollowerRaceTest, LosesAndRepeatsNothingOfOneStreamAmongOthers) {
  fake::ThreadExecutor executor;
  for (int round = 0; round < 200; ++round) {
    fake::TinyLog log;
    HeadSignal signal(executor, Position(0));
    std::thread writer([&] {
      for (int i = 0; i < 90; ++i) signal.Publish(log.Append(i % 3 == 0 ? "order-1" : "order-2"));
    });
    LogFollower follower(log, signal, executor,
                         FollowOptions::StreamFrom(StreamName::Literal("order-1"), Revision(0)));
    Collector collector(follower, 30);
    EXPECT_TRUE(collector.Wait()) << "round " << round;
    writer.join();
    follower.Stop();
    ExpectDense(collector.numbers(), 30);
  }
}

// A callback after Stop() would touch what its owner has freed already.
TEST(LogFollowerRaceTest, RunsNoCallbackOnceStopHasReturned) {
  fake::ThreadExecutor executor;
  for (int round = 0; round < 500; ++round) {
    fake::TinyLog log;
    HeadSignal signal(executor, Position(0));
    std::thread writer([&] {
      for (int i = 0; i < 20; ++i) signal.Publish(log.Append("order-1"));
    });
    auto alive = std::make_unique<std::atomic<bool>>(true);
    LogFollower follower(log, signal, executor, FollowOptions::WholeLogAfter(Position(0)));
    absl::AnyInvocable<void()> ask = [&] {
      follower.Next(absl::Microseconds(50), [&](absl::StatusOr<FollowStep>) {
        ASSERT_TRUE(alive->load());
        ask();
      });
    };
    ask();
    if (round % 3 == 0) std::this_thread::yield();
    follower.Stop();
    alive->store(false);
    writer.join();
  }
  executor.Stop();
}

}  // namespace
}  // namespace nexus::follow
