#pragma once

// Keeps the commits of one pipeline in order, although each takes its own time to be decided.
//
// Thread-safe.

#include <atomic>
#include <cstdint>
#include <map>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace nexus::engine {

class AppendOrder {
 public:
  using Ticket = uint64_t;

  // The next place in line.
  Ticket Take();

  // Of one monotonic clock: until when the last ticket that was held back is. By whoever takes the
  // tickets, one at a time.
  absl::Duration held_until() const {
    return absl::Microseconds(held_until_micros_.load(std::memory_order_relaxed));
  }
  void HoldUntil(absl::Duration until) {
    held_until_micros_.store(absl::ToInt64Microseconds(until), std::memory_order_relaxed);
  }

  // `ticket` is decided: `step` (propose, or nothing for a refusal) runs as soon as every earlier
  // ticket has been released, inside this call or that of an earlier one. Each ticket exactly once.
  void Release(Ticket ticket, absl::AnyInvocable<void()> step);

 private:
  std::atomic<int64_t> held_until_micros_{0};
  absl::Mutex mutex_;
  Ticket last_ ABSL_GUARDED_BY(mutex_) = 0;
  Ticket next_ ABSL_GUARDED_BY(mutex_) = 1;  // to run
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Ticket, absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::engine
