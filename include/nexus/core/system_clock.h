#pragma once

// The clock of the machine. Thread-safe; stateless.

#include "absl/time/time.h"
#include "nexus/core/clock.h"

namespace nexus {

class SystemClock : public Clock {
 public:
  // Wall time, as the machine believes it.
  Timestamp Now() const override;
  // Time since the machine started; stands still while it is suspended.
  absl::Duration Monotonic() const override;
};

}  // namespace nexus
