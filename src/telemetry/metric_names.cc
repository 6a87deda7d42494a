#include "telemetry/metric_names.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace nexus::telemetry {
namespace {

using K = MetricKind;

constexpr std::array kMetrics = {
    metric::kBuildInfo,
    MetricInfo{"nexus_appends_total", K::kCounter, "result",
               "Commits answered, by result: ok, or the reason of the error."},
    MetricInfo{"nexus_events_appended_total", K::kCounter, "", "Events stored."},
    MetricInfo{"nexus_append_bytes_total", K::kCounter, "", "Bytes of event data stored."},
    MetricInfo{"nexus_append_duration_seconds", K::kHistogram, "phase",
               "Time of an append by phase: decide (schema and policy), commit (order, write, "
               "sync)."},
    MetricInfo{"nexus_grpc_server_started_total", K::kCounter, "service, method",
               "Calls that began."},
    MetricInfo{"nexus_grpc_server_handled_total", K::kCounter, "service, method, code",
               "Calls that ended, by code."},
    MetricInfo{"nexus_grpc_server_handling_seconds", K::kHistogram, "service, method",
               "Time from begin to end of a call."},
    MetricInfo{"nexus_grpc_server_in_flight", K::kGauge, "", "Calls under way."},
    metric::kHttpRequests,
    metric::kHttpConnections,
    metric::kLogLines,
    metric::kCpuSeconds,
    metric::kResidentBytes,
    metric::kOpenFiles,
    metric::kStartTime,
};

constexpr std::array kDurationBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                         .025,  .05,    .1,    .25,  .5,    1.0,  5.0};

absl::string_view KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "unknown";
}

}  // namespace

absl::Span<const MetricInfo> AllMetrics() { return kMetrics; }

absl::Span<const double> DurationBuckets() { return kDurationBuckets; }

std::string MetricsReference() {
  std::string page =
      "# Metrics\n\n"
      "`nexusd` serves them at `/metrics` on its HTTP port, in the text format of Prometheus.\n"
      "Units are base units. Labels take few, fixed values: never a stream, an event id or a\n"
      "principal. This page is made from `src/telemetry/metric_names.cc`; a test compares them.\n\n"
      "| name | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricInfo& info : kMetrics) {
    absl::StrAppend(&page, "| `", info.name, "` | ", KindName(info.kind), " | ", info.labels, " | ",
                    info.help, " |\n");
  }
  absl::StrAppend(&page, "\nHistograms of time have buckets up to ");
  for (const double bound : kDurationBuckets) absl::StrAppend(&page, bound, " s, ");
  absl::StrAppend(&page, "and above.\n");
  return page;
}

}  // namespace nexus::telemetry
