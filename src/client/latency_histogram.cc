#include "client/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nexus::client {

size_t LatencyHistogram::BucketOf(uint64_t micros) {
  if (micros < kSub) return micros;
  const int octave = std::bit_width(micros) - 1 - kSubBits;  // 0: 64 to 127
  if (octave >= kOctaves) return kBuckets - 1;
  return kSub * (octave + 1) + ((micros >> octave) - kSub);
}

uint64_t LatencyHistogram::UpperEnd(size_t bucket) {
  if (bucket < kSub) return bucket;
  const uint64_t octave = bucket / kSub - 1;
  const uint64_t sub = kSub + bucket % kSub;
  return ((sub + 1) << octave) - 1;
}

void LatencyHistogram::Record(absl::Duration latency) {
  const uint64_t micros =
      static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Microseconds(latency)));
  ++buckets_[BucketOf(micros)];
  ++count_;
  sum_ += micros;
  max_ = std::max(max_, micros);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

absl::Duration LatencyHistogram::Mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Nanoseconds(1'000.0 * static_cast<double>(sum_) / static_cast<double>(count_));
}

absl::Duration LatencyHistogram::Quantile(double share) const {
  if (count_ == 0) return absl::ZeroDuration();
  const double exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(exact));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return absl::Microseconds(std::min(UpperEnd(i), max_));
  }
  return max();
}

}  // namespace nexus::client
