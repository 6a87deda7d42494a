#pragma once

// Where work runs, and later. Injected, so that a simulation can run everything on one thread.
//
// Thread-safe. Implementation: concurrency/worker_pool; tests/fake/manual_executor.

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace nexus {

class Executor {
 public:
  using Task = absl::AnyInvocable<void()>;
  using TimerId = uint64_t;

  virtual ~Executor() = default;

  // Runs `task` soon on a worker. False, and `task` is dropped, if the bounded queue is full or the
  // executor has stopped: the caller refuses its work, it does not wait.
  [[nodiscard]] virtual bool TrySubmit(Task task) = 0;

  // Runs `task` on a worker after `delay`. Never refused before Stop.
  virtual TimerId RunAfter(absl::Duration delay, Task task) = 0;

  // True if the timer had not fired and never will; false if it ran, runs now, or is unknown.
  virtual bool CancelTimer(TimerId timer) = 0;
};

}  // namespace nexus
