#pragma once

// One thread that hands over tasks when their time has come.
//
// Thread-safe. Timers fire in the order of their deadlines, those of one deadline in the order of
// their making.

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"

namespace nexus::concurrency {

class TimerThread {
 public:
  using Task = Executor::Task;
  using TimerId = Executor::TimerId;

  // `fire` takes each due task on the timer's thread and must not block. `clock` must outlive this
  // and must be a real one: the thread waits by the machine's time.
  TimerThread(const Clock& clock, const std::string& name, absl::AnyInvocable<void(Task)> fire);
  TimerThread(const TimerThread&) = delete;
  TimerThread& operator=(const TimerThread&) = delete;
  ~TimerThread();

  // After Stop() the task is dropped.
  TimerId Add(absl::Duration delay, Task task) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Cancel(TimerId timer) ABSL_LOCKS_EXCLUDED(mutex_);

  // Drops what has not fired and joins the thread. May be called again.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Key = std::pair<absl::Duration, TimerId>;

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  Task NextDue() ABSL_LOCKS_EXCLUDED(mutex_);

  const Clock& clock_;
  absl::AnyInvocable<void(Task)> fire_;  // used by the thread only

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::map<Key, Task> timers_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<TimerId, absl::Duration> deadlines_ ABSL_GUARDED_BY(mutex_);
  TimerId last_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace nexus::concurrency
