#pragma once

// What commands are counted by. Thread-safe.

#include "nexus/port/metrics.h"

namespace nexus::command {

struct CommandMetrics {
  explicit CommandMetrics(MetricsRegistry& registry);

  // By the command's type and the reason it was refused for, or "OK", "REPEATED".
  Counter& Commands(absl::string_view type, absl::string_view result) const;

  MetricsRegistry& registry;
  Histogram& duration;
  Histogram& deciding;
  Histogram& loading;
  Counter& conflicts;
  Counter& hits;
  Counter& misses;
  Counter& loaded_events;
  Gauge& live;
};

}  // namespace nexus::command
