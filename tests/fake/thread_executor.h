#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "nexus/port/executor.h"

namespace nexus::fake {

// Real threads and real timers, for tests that look for races. Its queue refuses when full.
class ThreadExecutor : public Executor {
 public:
  explicit ThreadExecutor(int threads = 3, size_t queue_max = 10'000) : queue_max_(queue_max) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~ThreadExecutor() override { Stop(); }

  bool TrySubmit(Task task) override {
    absl::MutexLock lock(&mutex_);
    if (stopped_ || tasks_.size() >= queue_max_) return false;
    tasks_.push_back(std::move(task));
    ready_.Signal();
    return true;
  }
  TimerId RunAfter(absl::Duration delay, Task task) override {
    absl::MutexLock lock(&mutex_);
    const TimerId id = ++last_timer_;
    timers_.emplace(std::make_pair(absl::Now() + delay, id), std::move(task));
    ready_.SignalAll();
    return id;
  }
  bool CancelTimer(TimerId timer) override {
    absl::MutexLock lock(&mutex_);
    for (auto it = timers_.begin(); it != timers_.end(); ++it) {
      if (it->first.second != timer) continue;
      timers_.erase(it);
      return true;
    }
    return false;
  }

  // Waits for running tasks, drops the rest.
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
      ready_.SignalAll();
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void Work() {
    while (true) {
      Task task;
      {
        absl::MutexLock lock(&mutex_);
        if (!Take(task)) return;
      }
      task();
    }
  }

  bool Take(Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (!stopped_) {
      const absl::Time now = absl::Now();
      if (!timers_.empty() && timers_.begin()->first.first <= now) {
        task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        return true;
      }
      if (!tasks_.empty()) {
        task = std::move(tasks_.front());
        tasks_.pop_front();
        return true;
      }
      const absl::Time until =
          timers_.empty() ? absl::InfiniteFuture() : timers_.begin()->first.first;
      ready_.WaitWithDeadline(&mutex_, until);
    }
    return false;
  }

  const size_t queue_max_;
  std::vector<std::thread> threads_;
  absl::Mutex mutex_;
  absl::CondVar ready_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<absl::Time, TimerId>, Task> timers_ ABSL_GUARDED_BY(mutex_);
  TimerId last_timer_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::fake
