#include "concurrency/worker_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"

namespace nexus::concurrency {

WorkerPool::WorkerPool(WorkerPoolOptions options, const Clock& clock)
    : options_(std::move(options)),
      timers_(clock, absl::StrCat(options_.name, "-timer"),
              [this](Task task) { Enqueue(std::move(task)); }) {
  absl::MutexLock lock(&join_mutex_);
  for (size_t i = 0; i < std::max<size_t>(options_.threads, 1); ++i) {
    threads_.emplace_back([this, i] {
      NameThisThread(absl::StrCat(options_.name, "-", i));
      Work();
    });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TrySubmit(Task task) {
  absl::MutexLock lock(&mutex_);
  if (stopped_ || queue_.size() >= options_.queue_max) return false;
  queue_.push_back(std::move(task));
  // Nobody to wake: a busy thread looks at the queue before it sleeps.
  if (idle_ > 0) work_.Signal();
  return true;
}

// What a timer brings is never refused: its memory was given when the timer was set.
void WorkerPool::Enqueue(Task task) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(task));
  if (idle_ > 0) work_.Signal();
}

Executor::TimerId WorkerPool::RunAfter(absl::Duration delay, Task task) {
  return timers_.Add(delay, std::move(task));
}

bool WorkerPool::CancelTimer(TimerId timer) { return timers_.Cancel(timer); }

void WorkerPool::Stop() {
  timers_.Stop();  // first, so that nothing is queued after the workers are gone
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    work_.SignalAll();
  }
  absl::MutexLock lock(&join_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

size_t WorkerPool::queued() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

void WorkerPool::Work() {
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty()) {
        if (stopped_) return;
        ++idle_;
        work_.Wait(&mutex_);
        --idle_;
      }
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace nexus::concurrency
