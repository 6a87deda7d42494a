#pragma once

// How long to wait before asking again: exponential, with full jitter, never less than the server
// asks for. Not thread-safe.

#include <algorithm>
#include <optional>

#include "absl/time/time.h"
#include "nexus/core/id_source.h"

namespace nexus::client {

class Backoff {
 public:
  Backoff(absl::Duration initial, absl::Duration max, IdSource& ids)
      : bound_(initial), max_(max), ids_(ids) {}

  absl::Duration Next(std::optional<absl::Duration> retry_after) {
    constexpr double kSpan = 1 << 20;
    const double share = static_cast<double>(ids_.Random() % (1 << 20)) / kSpan;
    const absl::Duration wait = bound_ * share;
    bound_ = std::min(bound_ * 2, max_);
    return std::max(wait, retry_after.value_or(absl::ZeroDuration()));
  }

 private:
  absl::Duration bound_;
  const absl::Duration max_;
  IdSource& ids_;
};

}  // namespace nexus::client
