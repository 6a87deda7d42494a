#include "nexus/core/system_clock.h"

#include <ctime>

namespace nexus {
namespace {

absl::Duration Read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);  // cannot fail for these clocks
  return absl::DurationFromTimespec(time);
}

}  // namespace

Timestamp SystemClock::Now() const {
  return Timestamp{absl::ToInt64Microseconds(Read(CLOCK_REALTIME))};
}

absl::Duration SystemClock::Monotonic() const { return Read(CLOCK_MONOTONIC); }

absl::Duration ThreadProcessorTime() { return Read(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace nexus
