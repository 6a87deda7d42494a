#pragma once

// The generic cell rate algorithm: a leaky bucket in one number.
//
// That number is the theoretical arrival time: the moment at which everything taken so far will
// have been earned. It lies in the future by as much as is owed. Pure; time is nanoseconds since
// any start.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "identity/limits/limit_kind.h"

namespace nexus::identity {

class Gcra {
 public:
  Gcra() = default;
  explicit Gcra(const Rate& rate)
      : nanos_each_(rate.limited() ? kSecond / rate.per_second : 0),
        tolerance_(ToNanos(std::max(rate.burst, 1.0) * nanos_each_)) {}

  bool limited() const { return nanos_each_ > 0; }

  // How long to wait until `cost` may be taken; 0: now. A full bucket gives any cost, however
  // large, and owes it afterwards: else what is larger than the burst would never pass.
  int64_t WaitFor(int64_t arrival, int64_t now, uint64_t cost) const {
    if (!limited() || cost == 0 || arrival <= now) return 0;
    const int64_t after = Sum(arrival, ToNanos(static_cast<double>(cost) * nanos_each_));
    const int64_t allowed = Sum(now, tolerance_);
    // One that is larger than the burst waits until the bucket is full, and no longer.
    return std::max<int64_t>(0, std::min(after - allowed, arrival - now));
  }

  // How much may be taken now, one at a time.
  uint64_t Left(int64_t arrival, int64_t now) const {
    const int64_t free = tolerance_ - std::max<int64_t>(0, arrival - now);
    if (free <= 0) return 0;
    // A nanosecond may have been lost by rounding.
    return static_cast<uint64_t>(static_cast<double>(free + 1) / nanos_each_);
  }

  // The arrival time after `cost` was taken.
  int64_t Take(int64_t arrival, int64_t now, uint64_t cost) const {
    if (!limited() || cost == 0) return arrival;
    return Sum(std::max(arrival, now), ToNanos(static_cast<double>(cost) * nanos_each_));
  }

 private:
  static constexpr double kSecond = 1e9;
  // A century: more than any process lives, and far from overflow.
  static constexpr int64_t kForever = 3'155'760'000'000'000'000;

  static int64_t ToNanos(double nanos) {
    return nanos >= static_cast<double>(kForever) ? kForever : std::llround(nanos);
  }
  static int64_t Sum(int64_t a, int64_t b) { return a > kForever - b ? kForever : a + b; }

  double nanos_each_ = 0;
  int64_t tolerance_ = 0;
};

}  // namespace nexus::identity
