#pragma once

// How often each limit refused, for operators.

#include <string>

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"

namespace nexus::identity {

inline Counter& RefusalCounter(MetricsRegistry& metrics, absl::string_view limit) {
  return metrics.GetCounter("nexus_rate_limited_total",
                            "Calls that were refused because their client had used up a limit, by "
                            "limit.",
                            {{"limit", std::string(limit)}});
}

}  // namespace nexus::identity
