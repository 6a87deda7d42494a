#pragma once

// Asks again, with the same id, what may be asked again: a commit, a command. The id makes it safe:
// the first verdict comes back, and nothing is stored twice.

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/backoff.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/core/errors.h"

namespace nexus::client {

// `ask(context)` makes the call once. OK, or the last error; of an earlier try that may have been
// stored, that one: what a later try says of itself says nothing about it.
template <typename Ask>
absl::Status RepeatSafely(Client::Parts& parts, Ask ask) {
  const ClientOptions& options = parts.options;
  const absl::Duration deadline = parts.clock.Monotonic() + options.timeout;
  Backoff backoff(options.backoff_initial, options.backoff_max, parts.ids);
  absl::Status unknown;
  for (int attempt = 1;; ++attempt) {
    Call call(parts.calls, options.token, deadline - parts.clock.Monotonic());
    const absl::Status status = FromGrpcAppend(ask(call.context()));
    if (status.ok()) return status;
    const bool refused_unseen = status.code() == absl::StatusCode::kResourceExhausted;
    if (status.code() == absl::StatusCode::kUnavailable) {
      if (ReasonOf(status) == ErrorReason::kOutcomeUnknown) unknown = status;
    } else if (!refused_unseen || unknown.ok()) {
      return status;
    }
    const absl::Status& verdict = unknown.ok() ? status : unknown;
    if (attempt >= options.append_attempts_max) return verdict;
    const absl::Duration wait = backoff.Next(DetailsOf(status).retry_after);
    if (parts.clock.Monotonic() + wait >= deadline) return verdict;
    if (!parts.calls.Wait(wait)) return verdict;
  }
}

}  // namespace nexus::client
