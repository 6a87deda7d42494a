#pragma once

// What is limited for each principal, and how.

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace nexus::identity {

enum class LimitKind : uint8_t {
  kRequests = 0,       // calls, and commits of a stream of commits
  kEvents = 1,         // events asked to be stored
  kBytes = 2,          // their bytes
  kStreams = 3,        // streams named by commits
  kSubscriptions = 4,  // subscriptions opened
  kTemporalReads = 5,  // reads by time range, and queries of the past
};

inline constexpr size_t kLimitKinds = 6;

// "requests", "temporal_reads": what errors and metrics call it.
absl::string_view LimitKindName(LimitKind kind);

// `burst` at once, and `per_second` after that. A rate of 0: without limit.
struct Rate {
  double per_second = 0;
  double burst = 0;

  bool limited() const { return per_second > 0; }
  friend bool operator==(const Rate&, const Rate&) = default;
};

// By LimitKind.
using Rates = std::array<Rate, kLimitKinds>;

// Ten reads of the past a minute; the rest without limit.
Rates DefaultRates();

}  // namespace nexus::identity
