#pragma once

#include <chrono>

#include "nexus/core/clock.h"

namespace nexus::policy {

// Real time: these tests talk to other processes.
class SteadyClock : public Clock {
 public:
  Timestamp Now() const override { return Timestamp{absl::ToInt64Microseconds(Monotonic())}; }
  absl::Duration Monotonic() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace nexus::policy
