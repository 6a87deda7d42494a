#pragma once

// The router's instruments, one set a sink.

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"

namespace nexus::route {

struct RouteMetrics {
  // `route`: "critical", "standard" or "all".
  RouteMetrics(MetricsRegistry& registry, absl::string_view route, absl::string_view sink);

  Counter& delivered;
  Counter& failed;   // reports other than OK
  Counter& retried;  // handed over again
  Gauge& lag_events;
  Gauge& lag_seconds;
  Gauge& breaker_state;  // 0 closed, 1 half open, 2 open
  Gauge& dead_letters;   // written since start
  Gauge& pending;
  Histogram& propagation_seconds;  // recorded to acknowledged
};

}  // namespace nexus::route
