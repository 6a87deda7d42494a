#pragma once

// HeadSignal: tells readers that the log has grown, without a thread for each.
//
// The log publishes its head after each group of commits became durable; whoever waits for the head
// to pass a position is woken on the executor. Thread-safe. `executor` must outlive it.

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "nexus/core/position.h"
#include "nexus/port/executor.h"

namespace nexus::follow {

class HeadSignal {
 public:
  using Wake = absl::AnyInvocable<void()>;
  using WaitId = uint64_t;

  // `head`: the last durable position at this moment.
  HeadSignal(Executor& executor, Position head);
  ~HeadSignal();
  HeadSignal(const HeadSignal&) = delete;
  HeadSignal& operator=(const HeadSignal&) = delete;

  // The new head: everything up to it is durable and readable. Never blocks and costs the same for
  // one reader as for many: the waking is done on the executor. A head that is not new is ignored.
  void Publish(Position head);

  // The last published head.
  Position head() const;

  // Runs `wake` once, on the executor, when the head lies beyond `seen`. Nothing is registered and
  // nothing is returned if it does already. `wake` must be short.
  std::optional<WaitId> WaitBeyond(Position seen, Wake wake);

  // Forgets a waiter. Its `wake` may still run if it was due.
  void Cancel(WaitId wait);

  // How many wait. For tests and metrics.
  size_t waiting() const;

 private:
  class State;

  Executor& executor_;
  // Shared with the wake-up tasks under way, which may outlive this object.
  const std::shared_ptr<State> state_;
};

}  // namespace nexus::follow
