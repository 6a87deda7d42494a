#pragma once

// What the embedded engine tells about itself (docs/reference/metrics.md).

#include "nexus/port/metrics.h"

namespace nexus::policy {

// Thread-safe.
struct DecisionMetrics {
  explicit DecisionMetrics(MetricsRegistry& registry);

  Counter& cached;
  Counter& evaluated;
  Counter& failed;
  Histogram& evaluation_seconds;
  Counter& reloaded;
  Counter& refused;
};

}  // namespace nexus::policy
