#pragma once

// What remote deciding is counted by. Thread-safe.

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"

namespace nexus::command {

struct RemoteMetrics {
  explicit RemoteMetrics(MetricsRegistry& registry);

  // By what became of the task: events, rejection, failure, needs_events, timeout, gone (the
  // worker), withdrawn (before the worker heard of it).
  Counter& Tasks(absl::string_view aggregate, absl::string_view outcome) const;
  // Answers that nobody waited for: late, repeated, unknown.
  Counter& Ignored(absl::string_view why) const;

  MetricsRegistry& registry;
  Gauge& workers;
  Gauge& out;
  Gauge& seeking;
  Counter& moves;
};

}  // namespace nexus::command
