#pragma once

// Every metric of the daemon: name, kind, labels, meaning. docs/reference/metrics.md is made from
// this table; a test compares the two, and another finds names in src/ that are not listed.

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus::telemetry {

enum class MetricKind { kCounter, kGauge, kHistogram };

struct MetricInfo {
  absl::string_view name;
  MetricKind kind;
  absl::string_view labels;  // "service, method"; empty: none
  absl::string_view help;
};

// In the order of the reference page.
absl::Span<const MetricInfo> AllMetrics();

// The reference page, as Markdown.
std::string MetricsReference();

// Upper bounds of the buckets for times, seconds.
absl::Span<const double> DurationBuckets();

// Those that more than one line of code names.
namespace metric {
inline constexpr MetricInfo kBuildInfo = {"nexus_build_info", MetricKind::kGauge, "version",
                                          "Always 1; the version is the label."};
inline constexpr MetricInfo kLogLines = {"nexus_log_lines_total", MetricKind::kCounter, "level",
                                         "Log lines written, by level."};
inline constexpr MetricInfo kHttpRequests = {"nexus_http_requests_total", MetricKind::kCounter,
                                             "path, status",
                                             "HTTP requests answered, by path and status class."};
inline constexpr MetricInfo kHttpConnections = {"nexus_http_connections", MetricKind::kGauge, "",
                                                "HTTP connections open."};
inline constexpr MetricInfo kCpuSeconds = {"process_cpu_seconds_total", MetricKind::kCounter, "",
                                           "User and system CPU time used, seconds."};
inline constexpr MetricInfo kResidentBytes = {"process_resident_memory_bytes", MetricKind::kGauge,
                                              "", "Memory resident in RAM."};
inline constexpr MetricInfo kOpenFiles = {"process_open_fds", MetricKind::kGauge, "",
                                          "Open file descriptors."};
inline constexpr MetricInfo kStartTime = {"process_start_time_seconds", MetricKind::kGauge, "",
                                          "When the process started, seconds since 1970."};
}  // namespace metric

}  // namespace nexus::telemetry
