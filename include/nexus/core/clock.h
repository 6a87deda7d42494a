#pragma once

// Time, injected. Nothing else in Nexus reads a clock.
//
// Thread-safe. Implementations: core/system_clock (real), tests/fake/manual_clock (moves when
// told).

#include "absl/time/time.h"
#include "nexus/core/position.h"

namespace nexus {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time; may jump. For what people read: timestamps on events and in logs.
  virtual Timestamp Now() const = 0;

  // Time since an arbitrary start; never runs backwards. For deadlines and durations.
  virtual absl::Duration Monotonic() const = 0;
};

}  // namespace nexus
