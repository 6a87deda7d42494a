#include "cost/usage_meter.h"

#include <algorithm>

namespace nexus::cost {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

UsageMeter::UsageMeter(const std::set<uint64_t>& piece_sizes) {
  for (const uint64_t size : piece_sizes) usage_.pieces[size] = 0;
}

void UsageMeter::Add(Timestamp recorded, uint64_t bytes) {
  const int64_t second = recorded.micros / kMicrosPerSecond;
  if (second != second_) {
    second_ = second;
    second_events_ = 0;
    second_bytes_ = 0;
  }
  ++usage_.events;
  usage_.bytes += bytes;
  for (auto& [size, count] : usage_.pieces) count += PiecesOf(bytes, size);
  usage_.peak_events = std::max(usage_.peak_events, ++second_events_);
  second_bytes_ += bytes;
  usage_.peak_bytes = std::max(usage_.peak_bytes, second_bytes_);
}

}  // namespace nexus::cost
