#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "nexus/port/executor.h"

namespace nexus::fake {

// Runs tasks when told, on the calling thread; timers fire when Advance() passes them. Thread-safe.
class ManualExecutor : public Executor {
 public:
  bool TrySubmit(Task task) override {
    absl::MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
    return true;
  }
  TimerId RunAfter(absl::Duration delay, Task task) override {
    absl::MutexLock lock(&mutex_);
    const TimerId id = ++last_timer_;
    timers_.emplace(std::make_pair(now_ + delay, id), std::move(task));
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

  size_t Waiting() {
    absl::MutexLock lock(&mutex_);
    return tasks_.size();
  }
  // False if no task is queued.
  bool RunOne() {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  // Runs queued tasks, and those that they queue, until none is left.
  void RunAll() {
    while (RunOne()) continue;
  }
  // Moves time, firing due timers in order, and runs everything that follows.
  void Advance(absl::Duration by) {
    absl::Duration target;
    {
      absl::MutexLock lock(&mutex_);
      target = now_ + by;
    }
    RunAll();
    while (true) {
      Task task;
      {
        absl::MutexLock lock(&mutex_);
        if (timers_.empty() || timers_.begin()->first.first > target) {
          now_ = target;
          return;
        }
        now_ = timers_.begin()->first.first;
        task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
      }
      task();
      RunAll();
    }
  }

 private:
  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<absl::Duration, TimerId>, Task> timers_ ABSL_GUARDED_BY(mutex_);
  absl::Duration now_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  TimerId last_timer_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
