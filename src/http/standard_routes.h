#pragma once

// The answers that every nexusd gives: what is here, metrics, health.

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "http/route.h"
#include "nexus/port/metrics.h"

namespace nexus::http {

// One part of the daemon and how it does. Ready is who has no part that is not ok.
struct Component {
  std::string name;
  bool ok = false;
  std::string detail;  // one sentence for people
};

struct StandardRoutesOptions {
  std::string version;
  // Asked for each answer of /health/ready, on the server's thread: it must not wait.
  absl::AnyInvocable<std::vector<Component>()> components;
  // Runs before each answer of /metrics. May be empty.
  absl::AnyInvocable<void()> refresh_metrics;
};

// /              a page for people
// /metrics       the text format of Prometheus
// /health/live   200 as long as the thread that answers does; asks nobody else
// /health/ready  200 or 503, with the names of the parts that are not well; with `?verbose` as
//                JSON, with each part and its reason
//
// `metrics` must outlive the routes.
std::vector<Route> StandardRoutes(StandardRoutesOptions options, MetricsRegistry& metrics);

// Whether `?verbose` is asked for.
bool IsVerbose(const Request& request);

}  // namespace nexus::http
