#include "concurrency/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/system_clock.h"

namespace nexus::concurrency {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kGenerous = absl::Seconds(30);
constexpr absl::Duration kNever = absl::Hours(10);

class WorkerPoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<WorkerPool> Make(size_t threads, size_t queue_max = 1'000) {
    return std::make_unique<WorkerPool>(
        WorkerPoolOptions{.name = "probe", .threads = threads, .queue_max = queue_max}, clock_);
  }

  SystemClock clock_;
};

// Keeps one thread of a pool busy until told. The task shares the state: it may still be waking up
// when the plug is gone.
class Plug {
 public:
  explicit Plug(WorkerPool& pool) {
    const bool accepted = pool.TrySubmit([state = state_] {
      state->running.Notify();
      state->release.WaitForNotification();
    });
    if (accepted) state_->running.WaitForNotification();
  }
  ~Plug() { Release(); }
  void Release() {
    if (!state_->release.HasBeenNotified()) state_->release.Notify();
  }

 private:
  struct State {
    absl::Notification running;
    absl::Notification release;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST_F(WorkerPoolTest, RunsWhatItAccepted) {
  auto pool = Make(2);
  std::atomic<int> ran{0};
  absl::BlockingCounter left(500);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(pool->TrySubmit([&] {
      ++ran;
      left.DecrementCount();
    }));
  }
  left.Wait();
  EXPECT_EQ(ran, 500);
}

TEST_F(WorkerPoolTest, RunsTasksOfOneThreadInTheirOrder) {
  auto pool = Make(1);
  std::vector<int> seen;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool->TrySubmit([&seen, i] { seen.push_back(i); }));
  pool->Stop();
  EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(WorkerPoolTest, RunsTasksSideBySideOnAllItsThreads) {
  auto pool = Make(3);
  // Each waits for the others: only three threads get them past it.
  auto* barrier = new absl::Barrier(3);
  absl::BlockingCounter left(3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pool->TrySubmit([&left, barrier] {
      if (barrier->Block()) delete barrier;
      left.DecrementCount();
    }));
  }
  left.Wait();
}

TEST_F(WorkerPoolTest, RefusesWhenTheQueueIsFull) {
  auto pool = Make(1, 2);
  Plug plug(*pool);
  EXPECT_TRUE(pool->TrySubmit([] {}));
  EXPECT_TRUE(pool->TrySubmit([] {}));
  EXPECT_FALSE(pool->TrySubmit([] {}));
  EXPECT_EQ(pool->queued(), 2u);
}

TEST_F(WorkerPoolTest, AcceptsAgainWhenTheQueueHasRunDown) {
  auto pool = Make(1, 1);
  Plug plug(*pool);
  absl::Notification drained;
  ASSERT_TRUE(pool->TrySubmit([&] { drained.Notify(); }));
  ASSERT_FALSE(pool->TrySubmit([] {}));
  plug.Release();
  drained.WaitForNotification();
  EXPECT_TRUE(pool->TrySubmit([] {}));
}

TEST_F(WorkerPoolTest, DestroysARefusedTaskAtOnce) {
  auto pool = Make(1, 1);
  Plug plug(*pool);
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(pool->TrySubmit([] {}));
  ASSERT_FALSE(pool->TrySubmit([held] {}));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(WorkerPoolTest, LosesNoTaskWhenManyThreadsSubmit) {
  auto pool = Make(4, 100'000);
  std::atomic<int> ran{0};
  std::atomic<int> accepted{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) accepted += pool->TrySubmit([&ran] { ++ran; });
    });
  }
  for (std::thread& client : clients) client.join();
  pool->Stop();
  EXPECT_EQ(ran, accepted);
}

TEST_F(WorkerPoolTest, LosesNoAcceptedTaskWhenStoppedMeanwhile) {
  auto pool = Make(2, 100'000);
  std::atomic<int> ran{0};
  std::atomic<int> accepted{0};
  absl::Notification started;
  std::thread client([&] {
    for (int i = 0; i < 20'000; ++i) {
      accepted += pool->TrySubmit([&ran] { ++ran; });
      if (i == 100) started.Notify();
    }
  });
  started.WaitForNotification();
  pool->Stop();
  client.join();
  EXPECT_EQ(ran, accepted);
}

TEST_F(WorkerPoolTest, FinishesQueuedTasksOnStop) {
  auto pool = Make(1);
  int ran = 0;
  {
    Plug plug(*pool);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool->TrySubmit([&ran] { ++ran; }));
  }
  pool->Stop();
  EXPECT_EQ(ran, 100);
}

TEST_F(WorkerPoolTest, RefusesAfterStop) {
  auto pool = Make(1);
  pool->Stop();
  EXPECT_FALSE(pool->TrySubmit([] {}));
}

TEST_F(WorkerPoolTest, MayBeStoppedTwice) {
  auto pool = Make(2);
  pool->Stop();
  pool->Stop();
  EXPECT_EQ(pool->queued(), 0u);
}

TEST_F(WorkerPoolTest, HasAThreadEvenWhenAskedForNone) {
  auto pool = Make(0);
  absl::Notification ran;
  ASSERT_TRUE(pool->TrySubmit([&] { ran.Notify(); }));
  EXPECT_TRUE(ran.WaitForNotificationWithTimeout(kGenerous));
}

TEST_F(WorkerPoolTest, NamesItsThreads) {
  auto pool = Make(1);
  char name[16] = {};
  absl::Notification ran;
  ASSERT_TRUE(pool->TrySubmit([&] {
    pthread_getname_np(pthread_self(), name, sizeof(name));
    ran.Notify();
  }));
  ran.WaitForNotification();
  EXPECT_STREQ(name, "probe-0");
}

TEST_F(WorkerPoolTest, FiresATimerNotBeforeItsTime) {
  auto pool = Make(1);
  const absl::Duration start = clock_.Monotonic();
  absl::Duration fired;
  absl::Notification ran;
  pool->RunAfter(absl::Milliseconds(20), [&] {
    fired = clock_.Monotonic();
    ran.Notify();
  });
  ASSERT_TRUE(ran.WaitForNotificationWithTimeout(kGenerous));
  EXPECT_GE(fired - start, absl::Milliseconds(20));
}

TEST_F(WorkerPoolTest, FiresTimersByDeadlineAndThenByAge) {
  auto pool = Make(1);
  std::vector<int> seen;
  absl::Notification last;
  {
    Plug plug(*pool);
    pool->RunAfter(absl::Milliseconds(30), [&] {
      seen.push_back(3);
      last.Notify();
    });
    pool->RunAfter(absl::ZeroDuration(), [&] { seen.push_back(1); });
    pool->RunAfter(absl::Milliseconds(1), [&] { seen.push_back(2); });
  }
  ASSERT_TRUE(last.WaitForNotificationWithTimeout(kGenerous));
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST_F(WorkerPoolTest, FiresAnEarlierTimerThatWasSetLater) {
  auto pool = Make(1);
  absl::Notification early;
  pool->RunAfter(kNever, [] {});
  pool->RunAfter(absl::Milliseconds(1), [&] { early.Notify(); });
  EXPECT_TRUE(early.WaitForNotificationWithTimeout(kGenerous));
}

TEST_F(WorkerPoolTest, TreatsANegativeDelayAsNone) {
  auto pool = Make(1);
  absl::Notification ran;
  pool->RunAfter(-absl::Seconds(5), [&] { ran.Notify(); });
  EXPECT_TRUE(ran.WaitForNotificationWithTimeout(kGenerous));
}

TEST_F(WorkerPoolTest, QueuesATimerAlthoughTheQueueIsFull) {
  auto pool = Make(1, 1);
  absl::Notification ran;
  Plug plug(*pool);
  ASSERT_TRUE(pool->TrySubmit([] {}));
  pool->RunAfter(absl::ZeroDuration(), [&] { ran.Notify(); });
  plug.Release();
  EXPECT_TRUE(ran.WaitForNotificationWithTimeout(kGenerous));
}

TEST_F(WorkerPoolTest, CancelsATimerThatHasNotFired) {
  auto pool = Make(1);
  auto held = std::make_shared<int>(0);
  const Executor::TimerId timer = pool->RunAfter(kNever, [held] {});
  EXPECT_TRUE(pool->CancelTimer(timer));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(pool->CancelTimer(timer)) << "it is gone";
}

TEST_F(WorkerPoolTest, CannotCancelATimerThatRan) {
  auto pool = Make(1);
  absl::Notification ran;
  const Executor::TimerId timer = pool->RunAfter(absl::ZeroDuration(), [&] { ran.Notify(); });
  ran.WaitForNotification();
  EXPECT_FALSE(pool->CancelTimer(timer));
}

TEST_F(WorkerPoolTest, CannotCancelAnUnknownTimer) { EXPECT_FALSE(Make(1)->CancelTimer(12'345)); }

TEST_F(WorkerPoolTest, GivesEachTimerAnIdOfItsOwn) {
  auto pool = Make(1);
  std::set<Executor::TimerId> ids;
  for (int i = 0; i < 100; ++i) ids.insert(pool->RunAfter(kNever, [] {}));
  EXPECT_EQ(ids.size(), 100u);
}

TEST_F(WorkerPoolTest, DropsTimersOnStop) {
  auto pool = Make(1);
  auto held = std::make_shared<bool>(false);
  pool->RunAfter(kNever, [held] { *held = true; });
  pool->Stop();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(*held);
}

TEST_F(WorkerPoolTest, DropsATimerSetAfterStop) {
  auto pool = Make(1);
  pool->Stop();
  auto held = std::make_shared<int>(0);
  pool->RunAfter(absl::ZeroDuration(), [held] {});
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(WorkerPoolTest, LetsATaskSubmitAndSetTimers) {
  auto pool = Make(1);
  absl::Notification ran;
  ASSERT_TRUE(pool->TrySubmit([&] {
    pool->RunAfter(absl::ZeroDuration(), [&] {
      if (!pool->TrySubmit([&] { ran.Notify(); })) ran.Notify();
    });
  }));
  EXPECT_TRUE(ran.WaitForNotificationWithTimeout(kGenerous));
}

TEST_F(WorkerPoolTest, FiresOrCancelsEachTimerExactlyOnceUnderContention) {
  auto pool = Make(2, 100'000);
  constexpr int kTimers = 2'000;
  std::vector<std::atomic<int>> outcomes(kTimers);
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      for (int i = c; i < kTimers; i += 4) {
        const auto timer =
            pool->RunAfter(absl::Microseconds(i % 50), [&outcomes, i] { ++outcomes[i]; });
        if (pool->CancelTimer(timer)) ++outcomes[i];
      }
    });
  }
  for (std::thread& client : clients) client.join();
  absl::Notification last;
  pool->RunAfter(absl::Milliseconds(5), [&] { last.Notify(); });
  ASSERT_TRUE(last.WaitForNotificationWithTimeout(kGenerous));
  pool->Stop();
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), 1), kTimers);
}

}  // namespace
}  // namespace nexus::concurrency
