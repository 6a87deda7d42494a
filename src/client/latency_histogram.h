#pragma once

// Latencies counted in log-linear buckets: exact below 64 us, within 1/64 (1.6 %) above, up to 19
// hours; fixed memory, an addition to count one. Not thread-safe: one each thread, then Merge().

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace nexus::client {

class LatencyHistogram {
 public:
  void Record(absl::Duration latency);
  void Merge(const LatencyHistogram& other);

  uint64_t count() const { return count_; }
  absl::Duration max() const { return absl::Microseconds(max_); }
  absl::Duration Mean() const;

  // The latency that `share` (0 to 1) of the recordings do not exceed: the upper end of its bucket,
  // at most max(). Zero when empty.
  absl::Duration Quantile(double share) const;

 private:
  // Values of 2^k to 2^(k+1) share 64 buckets, so a bucket is at most 1/64 of its value wide.
  static constexpr int kSubBits = 6;
  static constexpr int kOctaves = 30;
  static constexpr uint64_t kSub = uint64_t{1} << kSubBits;
  static constexpr size_t kBuckets = kSub * (kOctaves + 1);

  static size_t BucketOf(uint64_t micros);
  static uint64_t UpperEnd(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace nexus::client
