#pragma once

// Keeps the commits of one pipeline in order, although each takes its own time to be decided.
//
// Thread-safe.

#include <cstdint>
#include <map>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace nexus::engine {

class AppendOrder {
 public:
  using Ticket = uint64_t;

  // The next place in line.
  Ticket Take();

  // `ticket` is decided: `step` (propose, or nothing for a refusal) runs as soon as every earlier
  // ticket has been released, inside this call or that of an earlier one. Each ticket exactly once.
  void Release(Ticket ticket, absl::AnyInvocable<void()> step);

 private:
  absl::Mutex mutex_;
  Ticket last_ ABSL_GUARDED_BY(mutex_) = 0;
  Ticket next_ ABSL_GUARDED_BY(mutex_) = 1;  // to run
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Ticket, absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::engine
