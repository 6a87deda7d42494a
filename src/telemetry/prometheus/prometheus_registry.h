#pragma once

// Collects in the process, by prometheus-cpp; shows the text format of Prometheus.
//
// Thread-safe. Counters and gauges are atomic numbers; a histogram takes a short lock. A name that
// is not a metric name, or that is asked for as two kinds, ends the process: names are written in
// the code.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/metrics.h"

namespace prometheus {
class Registry;
}

namespace nexus::telemetry {

class PrometheusRegistry : public MetricsRegistry {
 public:
  PrometheusRegistry();
  ~PrometheusRegistry() override;

  Counter& GetCounter(absl::string_view name, absl::string_view help,
                      const MetricLabels& labels) override;
  Gauge& GetGauge(absl::string_view name, absl::string_view help,
                  const MetricLabels& labels) override;
  Histogram& GetHistogram(absl::string_view name, absl::string_view help,
                          const MetricLabels& labels, absl::Span<const double> buckets) override;
  std::string Exposition() override;

 private:
  // The family's name and the labels by key.
  using Key = std::pair<std::string, std::map<std::string, std::string>>;

  const std::unique_ptr<prometheus::Registry> registry_;

  absl::Mutex mutex_;
  std::map<std::string, std::string> help_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::unique_ptr<Counter>> counters_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::unique_ptr<Gauge>> gauges_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::unique_ptr<Histogram>> histograms_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::telemetry
