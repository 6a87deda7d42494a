#pragma once

// A circuit breaker for one sink: after a failure of the whole sink it pauses, then lets one probe
// through, and opens again or closes by its outcome. Holds no timer: the owner waits. Not
// thread-safe.

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace nexus::route {

// base * 2^(n-1), at most `max`, less up to half of it by `random`, so that those who failed
// together do not come back together. `n` counts from 1.
absl::Duration BackOff(absl::Duration base, absl::Duration max, uint32_t n, uint64_t random);

class Breaker {
 public:
  enum class State { kClosed = 0, kHalfOpen = 1, kOpen = 2 };

  struct Options {
    absl::Duration pause_base = absl::Milliseconds(50);
    absl::Duration pause_max = absl::Seconds(1);
  };

  explicit Breaker(Options options) : options_(options) {}

  // The whole sink failed. The pause after which PauseOver() is to be called, or nothing if one is
  // under way already.
  std::optional<absl::Duration> Fail(uint64_t random);
  void PauseOver();
  // Something was delivered (or refused for its own sake): the sink is there.
  void Succeed();

  // How many events may be on their way: none, one (the probe), or any number.
  bool Allows(size_t in_flight) const;
  State state() const { return state_; }

 private:
  const Options options_;
  State state_ = State::kClosed;
  uint32_t failures_ = 0;  // in a row
};

}  // namespace nexus::route
