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

// The processor time that the calling thread has had. For bounds of what runs, which is real work
// however a test's clock stands.
absl::Duration ThreadProcessorTime();

}  // namespace nexus
