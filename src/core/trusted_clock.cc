#include "nexus/core/trusted_clock.h"

#include <algorithm>
#include <utility>

namespace nexus {

TrustedClock::TrustedClock(const Clock& clock, std::function<void(absl::Duration)> on_leap)
    : clock_(clock), on_leap_(std::move(on_leap)), believed_(clock.Now()), at_(clock.Monotonic()) {}

void TrustedClock::NotBefore(Timestamp known) {
  absl::MutexLock lock(&mutex_);
  believed_.micros = std::max(believed_.micros, known.micros);
}

Timestamp TrustedClock::Now() const {
  absl::Duration ahead;
  Timestamp answer;
  {
    absl::MutexLock lock(&mutex_);
    const Timestamp wall = clock_.Now();
    const absl::Duration now = clock_.Monotonic();
    const int64_t expected = believed_.micros + absl::ToInt64Microseconds(now - at_);
    const int64_t leap = wall.micros - expected;
    const bool believe = leap <= absl::ToInt64Microseconds(kLeapMax);
    answer.micros = believe ? wall.micros : expected;
    believed_.micros = std::max(expected, answer.micros);
    at_ = now;
    if (!believe && !leapt_) ahead = absl::Microseconds(leap);
    leapt_ = !believe;
  }
  if (ahead > absl::ZeroDuration() && on_leap_) on_leap_(ahead);
  return answer;
}

}  // namespace nexus
