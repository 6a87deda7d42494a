#pragma once

// What the process itself uses: CPU time, memory, files. Read from /proc when asked.
//
// Refresh() must not be called from two threads at once.

#include <string>

#include "absl/strings/string_view.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"

namespace nexus::telemetry {

class ProcessMetrics {
 public:
  // `metrics` must outlive this. Notes the time of `clock` as the start of the process.
  ProcessMetrics(MetricsRegistry& metrics, const Clock& clock, absl::string_view version);

  // Before each scrape. What cannot be read keeps its last value.
  void Refresh();

 private:
  Counter& cpu_seconds_;
  Gauge& resident_bytes_;
  Gauge& open_files_;
  double cpu_seconds_seen_ = 0;
};

}  // namespace nexus::telemetry
