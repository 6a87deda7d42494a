#pragma once

// The router's instruments, one set a route.

#include <array>

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

struct RouteMetrics {
  RouteMetrics(MetricsRegistry& registry, absl::string_view route, absl::string_view sink);

  Counter& delivered;
  Counter& retried;  // handed over again
  Counter& unstamped;
  Gauge& lag_events;
  Gauge& lag_seconds;
  Gauge& breaker_state;  // 0 closed, 1 half open, 2 open
  Gauge& parked_lanes;
  Gauge& pending;
  Histogram& critical_seconds;  // recorded to acknowledged, by path
  Histogram& standard_seconds;

  // Reports other than OK: what the sink had against an event, or that it failed as a whole.
  Counter& Refused(ErrorClass error) { return *failed_[static_cast<size_t>(error)]; }
  Counter& Unavailable() { return *failed_.back(); }

  // Of a route that runs no more.
  void ClearGauges();

 private:
  std::array<Counter*, kErrorClasses + 1> failed_ = {};
};

// Whether a route runs: 1; paused or removed: 0; it cannot: 2.
Gauge& RouteStateGauge(MetricsRegistry& registry, absl::string_view route);

}  // namespace nexus::route
