#pragma once

// The router's instruments, one set a route.

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"

namespace nexus::route {

struct RouteMetrics {
  RouteMetrics(MetricsRegistry& registry, absl::string_view route, absl::string_view sink);

  Counter& delivered;
  Counter& failed;   // reports other than OK
  Counter& retried;  // handed over again
  Counter& unstamped;
  Gauge& lag_events;
  Gauge& lag_seconds;
  Gauge& breaker_state;  // 0 closed, 1 half open, 2 open
  Gauge& parked_lanes;
  Gauge& pending;
  Histogram& critical_seconds;  // recorded to acknowledged, by path
  Histogram& standard_seconds;

  // Of a route that runs no more.
  void ClearGauges();
};

// Whether a route runs: 1; paused or removed: 0; it cannot: 2.
Gauge& RouteStateGauge(MetricsRegistry& registry, absl::string_view route);

}  // namespace nexus::route
