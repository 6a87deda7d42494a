#include "route/breaker.h"

#include <algorithm>

namespace nexus::route {

absl::Duration BackOff(absl::Duration base, absl::Duration max, uint32_t n, uint64_t random) {
  const uint32_t doublings = std::min<uint32_t>(n > 0 ? n - 1 : 0, 20);
  const absl::Duration pause = std::min(max, base * (int64_t{1} << doublings));
  constexpr int64_t kSteps = 1'000;
  return pause - pause / 2 * static_cast<int64_t>(random % kSteps) / kSteps;
}

std::optional<absl::Duration> Breaker::Fail(uint64_t random) {
  if (state_ == State::kOpen) return std::nullopt;
  state_ = State::kOpen;
  ++failures_;
  return BackOff(options_.pause_base, options_.pause_max, failures_, random);
}

void Breaker::PauseOver() {
  if (state_ == State::kOpen) state_ = State::kHalfOpen;
}

void Breaker::Succeed() {
  // A late success from before the failure says nothing about now.
  if (state_ == State::kOpen) return;
  state_ = State::kClosed;
  failures_ = 0;
}

bool Breaker::Allows(size_t in_flight) const {
  if (state_ == State::kClosed) return true;
  return state_ == State::kHalfOpen && in_flight == 0;
}

}  // namespace nexus::route
