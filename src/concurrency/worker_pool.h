#pragma once

// A fixed number of threads behind one bounded queue, and timers.
//
// Thread-safe. Tasks start in the order in which they came; with more than one thread they run side
// by side. A task must not block for long: it holds one of few threads.

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "concurrency/timer_thread.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"

namespace nexus::concurrency {

struct WorkerPoolOptions {
  std::string name = "worker";  // of its threads: "worker-0", ..., "worker-timer"
  size_t threads = 2;           // at least 1
  size_t queue_max = 4'096;     // tasks that wait; fired timers come on top
};

class WorkerPool : public Executor {
 public:
  // `clock` must outlive the pool and be a real one.
  WorkerPool(WorkerPoolOptions options, const Clock& clock);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() override;

  [[nodiscard]] bool TrySubmit(Task task) override ABSL_LOCKS_EXCLUDED(mutex_);
  TimerId RunAfter(absl::Duration delay, Task task) override;
  bool CancelTimer(TimerId timer) override;

  // Drops the timers that have not fired, runs what is queued, joins the threads. From then on
  // TrySubmit refuses and RunAfter drops. May be called again; not from a task of this pool.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Tasks that wait for a thread.
  size_t queued() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  void Enqueue(Task task) ABSL_LOCKS_EXCLUDED(mutex_);

  const WorkerPoolOptions options_;

  mutable absl::Mutex mutex_;
  absl::CondVar work_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mutex_);
  TimerThread timers_;  // last: its thread uses the rest
};

}  // namespace nexus::concurrency
