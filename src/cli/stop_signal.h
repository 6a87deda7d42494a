#pragma once

// Asks a running command to stop (Ctrl-C). Thread-safe.

#include <atomic>
#include <functional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace nexus::cli {

class StopSignal {
 public:
  // False if no command watches: there is nothing to stop in order.
  bool Request() {
    absl::MutexLock lock(&mutex_);
    requested_ = true;
    if (!action_) return false;
    action_();
    return true;
  }

  const std::atomic<bool>& requested() const { return requested_; }

  // Waits; false if somebody asked to stop before `duration` was over.
  [[nodiscard]] bool Wait(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    const auto asked = [this] { return requested_.load(); };
    return !mutex_.AwaitWithTimeout(absl::Condition(&asked), duration);
  }

  // Runs `action` at a request, while it lives. One at a time; `action` must not wait.
  class Watch {
   public:
    Watch(StopSignal& signal, std::function<void()> action) : signal_(signal) {
      absl::MutexLock lock(&signal_.mutex_);
      if (signal_.requested_) action();
      signal_.action_ = std::move(action);
    }
    ~Watch() {
      absl::MutexLock lock(&signal_.mutex_);
      signal_.action_ = nullptr;
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    StopSignal& signal_;
  };

 private:
  std::atomic<bool> requested_{false};
  absl::Mutex mutex_;
  std::function<void()> action_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::cli
