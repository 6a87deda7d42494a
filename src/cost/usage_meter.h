#pragma once

// Counts events one by one, in the order in which they were recorded.
//
// Not thread-safe.

#include <cstdint>
#include <set>

#include "cost/usage.h"
#include "nexus/core/position.h"

namespace nexus::cost {

class UsageMeter {
 public:
  explicit UsageMeter(const std::set<uint64_t>& piece_sizes);

  // Recorded times do not run backwards. A second is one of the clock.
  void Add(Timestamp recorded, uint64_t bytes);

  const Usage& usage() const { return usage_; }

 private:
  Usage usage_;
  int64_t second_ = 0;
  uint64_t second_events_ = 0;
  uint64_t second_bytes_ = 0;
};

}  // namespace nexus::cost
