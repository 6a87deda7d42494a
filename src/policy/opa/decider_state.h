#pragma once

// What callers and the thread that asks share: the queue, the circuit breaker, the last revision.
//
// Thread-safe. Never runs a callback: whoever takes questions out settles them, without this lock.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/policy_decider.h"
#include "policy/opa/circuit_breaker.h"
#include "policy/opa/question_queue.h"

namespace nexus::policy {

struct DeciderLimits {
  size_t queue_max = 4096;
  BatchLimits batch;
  CircuitBreakerOptions breaker;
  // With no answer for this long the engine is probed, so that State() stays true.
  absl::Duration idle_probe_after = absl::Seconds(10);
};

class DeciderState {
 public:
  explicit DeciderState(const DeciderLimits& limits)
      : limits_(limits), queue_(limits.queue_max), breaker_(limits.breaker) {}

  // Takes `waiting` into the queue, or says why not and leaves it as it is.
  absl::Status Accept(Waiting& waiting);

  // Empty unless there are questions and the breaker lets them through.
  std::vector<Waiting> TakeBatch();
  bool HasBatch() const;  // TakeBatch() would have something
  std::vector<Waiting> TakeExpired(absl::Duration now);
  void PutBack(std::vector<Waiting> waiting);
  // Refuses everything from now on; the rest of the queue.
  std::vector<Waiting> Stop();
  bool stopped() const;

  bool TakeProbe(absl::Duration now);  // true: a probe is due, and now the caller's to send
  // Something happened to the engine: look after it, but not more often than every 100 ms.
  void ProbeSoon(absl::Duration now);
  absl::Duration NextDue() const;  // a deadline in the queue or a probe

  // The engine answered a batch; a probe. A probe that succeeds does not make up for questions that
  // fail while the circuit is closed: an engine may be quick at nothing and slow at everything
  // else.
  void Succeeded(absl::string_view revision, absl::Duration now);
  void ProbeSucceeded(absl::string_view revision, absl::Duration now);
  // It did not. The questions to fail, for the circuit is open now.
  std::vector<Waiting> Failed(absl::string_view why, absl::Duration now);
  std::vector<Waiting> ProbeFailed(absl::string_view why, absl::Duration now);

  bool ready() const;
  std::string revision() const;
  std::string reason() const;

 private:
  void OnAnswer(absl::string_view revision, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const DeciderLimits limits_;

  mutable absl::Mutex mutex_;
  QuestionQueue queue_ ABSL_GUARDED_BY(mutex_);
  CircuitBreaker breaker_ ABSL_GUARDED_BY(mutex_);
  std::string revision_ ABSL_GUARDED_BY(mutex_);
  absl::Duration idle_probe_due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  absl::Duration last_answer_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::policy
