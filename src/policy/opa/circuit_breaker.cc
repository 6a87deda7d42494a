#include "policy/opa/circuit_breaker.h"

#include <algorithm>

namespace nexus::policy {

void CircuitBreaker::OnSuccess() {
  failures_ = 0;
  // An answer to a question that went out before it opened proves as much as a probe.
  if (state_ != State::kClosed) OnProbeSucceeded();
}

bool CircuitBreaker::OnFailure(absl::string_view why, absl::Duration now) {
  if (state_ != State::kClosed) return false;
  if (++failures_ < options_.failures_max) return false;
  Open(why, now);
  return true;
}

absl::Duration CircuitBreaker::ProbeDue() const {
  if (state_ == State::kUnproved || state_ == State::kOpen) return probe_due_;
  return absl::InfiniteDuration();
}

void CircuitBreaker::OnProbeStarted() {
  if (state_ == State::kOpen) state_ = State::kProbing;
  probe_due_ = absl::InfiniteDuration();
}

void CircuitBreaker::OnProbeSucceeded() {
  state_ = State::kClosed;
  failures_ = 0;
  probe_after_ = options_.probe_after_min;
  reason_.clear();
}

void CircuitBreaker::OnProbeFailed(absl::string_view why, absl::Duration now) { Open(why, now); }

void CircuitBreaker::Open(absl::string_view why, absl::Duration now) {
  state_ = State::kOpen;
  failures_ = 0;
  reason_ = std::string(why);
  probe_due_ = now + probe_after_;
  probe_after_ = std::min(probe_after_ * 2, options_.probe_after_max);
}

}  // namespace nexus::policy
