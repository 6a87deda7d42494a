#pragma once

// Decides whether it is worth asking an engine. Pure: time comes in as an argument. Not
// thread-safe.
//
//   kUnproved  at start: questions wait until the first probe has answered
//   kClosed    questions are asked
//   kOpen      after `failures_max` failures in a row, or a failed probe: they fail at once
//   kProbing   open, and a probe is under way: they still fail at once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nexus::policy {

struct CircuitBreakerOptions {
  int failures_max = 5;
  // From opening to the next probe; doubles with each probe that fails.
  absl::Duration probe_after_min = absl::Milliseconds(50);
  absl::Duration probe_after_max = absl::Seconds(2);
};

class CircuitBreaker {
 public:
  enum class State { kUnproved, kClosed, kOpen, kProbing };

  explicit CircuitBreaker(const CircuitBreakerOptions& options)
      : options_(options), probe_after_(options.probe_after_min) {}

  State state() const { return state_; }
  bool Accepts() const { return state_ == State::kClosed || state_ == State::kUnproved; }
  bool Asks() const { return state_ == State::kClosed; }

  void OnSuccess();
  // True if this one opened it.
  bool OnFailure(absl::string_view why, absl::Duration now);

  // When the next probe is due; InfiniteDuration while none is.
  absl::Duration ProbeDue() const;
  void OnProbeStarted();
  void OnProbeSucceeded();
  void OnProbeFailed(absl::string_view why, absl::Duration now);

  const std::string& reason() const { return reason_; }  // the last failure; empty while closed

 private:
  void Open(absl::string_view why, absl::Duration now);

  const CircuitBreakerOptions options_;
  State state_ = State::kUnproved;
  int failures_ = 0;
  absl::Duration probe_after_;
  absl::Duration probe_due_ = absl::ZeroDuration();
  std::string reason_ = "not asked yet";
};

}  // namespace nexus::policy
