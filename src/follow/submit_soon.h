#pragma once

// Work that must not be lost when the executor's queue is full for a moment.

#include <utility>

#include "absl/time/time.h"
#include "nexus/port/executor.h"

namespace nexus::follow {

// Runs `task` on a worker: soon, or a little later if the queue is full. `task` must be copyable.
// For wake-ups of readers, of which there is at most one a reader: they cannot flood the executor,
// but dropping one would stop its reader for ever.
template <typename Task>
void SubmitSoon(Executor& executor, Task task) {
  if (!executor.TrySubmit(task)) executor.RunAfter(absl::Milliseconds(2), std::move(task));
}

}  // namespace nexus::follow
