#include "route/route_metrics.h"

#include <array>
#include <string>

namespace nexus::route {
namespace {

constexpr std::array<double, 14> kSeconds = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                             .02,   .05,    .1,    .25,  .5,    1,    5};

// Of the whole sink; all other classes are those of events.
constexpr absl::string_view kUnavailableClass = "unavailable";

MetricLabels Labels(absl::string_view route, absl::string_view sink) {
  return {{"route", std::string(route)}, {"sink", std::string(sink)}};
}

Counter& Failed(MetricsRegistry& registry, absl::string_view route, absl::string_view sink,
                absl::string_view error_class) {
  MetricLabels labels = Labels(route, sink);
  labels.emplace_back("class", std::string(error_class));
  return registry.GetCounter("nexus_route_failed_total",
                             "Deliveries that the sink refused or could not make.", labels);
}

Histogram& Propagation(MetricsRegistry& registry, const char* path) {
  return registry.GetHistogram("nexus_route_propagation_seconds",
                               "From recorded to acknowledged by the sink.", {{"path", path}},
                               kSeconds);
}

}  // namespace

RouteMetrics::RouteMetrics(MetricsRegistry& registry, absl::string_view route,
                           absl::string_view sink)
    : delivered(registry.GetCounter("nexus_route_delivered_total",
                                    "Events that the sink acknowledged.", Labels(route, sink))),
      retried(registry.GetCounter("nexus_route_retried_total",
                                  "Deliveries of an event that was handed over before.",
                                  Labels(route, sink))),
      unstamped(registry.GetCounter("nexus_route_unstamped_total",
                                    "Events whose stamp does not say that they were governed.",
                                    Labels(route, sink))),
      lag_events(registry.GetGauge("nexus_route_lag_events",
                                   "Positions between the checkpoint and the head of the log.",
                                   Labels(route, sink))),
      lag_seconds(registry.GetGauge("nexus_route_lag_seconds",
                                    "Age of the oldest event that is not delivered.",
                                    Labels(route, sink))),
      breaker_state(registry.GetGauge("nexus_route_breaker_state", "0 closed, 1 half open, 2 open.",
                                      Labels(route, sink))),
      parked_lanes(registry.GetGauge("nexus_route_parked_streams",
                                     "Streams that wait behind a dead letter.",
                                     Labels(route, sink))),
      pending(registry.GetGauge("nexus_route_pending_events",
                                "Events that were read and are not done with.",
                                Labels(route, sink))),
      critical_seconds(Propagation(registry, "critical")),
      standard_seconds(Propagation(registry, "standard")) {
  for (size_t i = 0; i < failed_.size(); ++i) {
    const bool refused = i < kErrorClasses;
    failed_[i] = &Failed(registry, route, sink,
                         refused ? ErrorClassName(static_cast<ErrorClass>(i)) : kUnavailableClass);
  }
}

void RouteMetrics::ClearGauges() {
  for (Gauge* gauge : {&lag_events, &lag_seconds, &breaker_state, &parked_lanes, &pending}) {
    gauge->Set(0);
  }
}

Gauge& RouteStateGauge(MetricsRegistry& registry, absl::string_view route) {
  return registry.GetGauge("nexus_route_state", "1 running, 0 paused or removed, 2 cannot run.",
                           {{"route", std::string(route)}});
}

}  // namespace nexus::route
