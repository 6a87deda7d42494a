#pragma once

// Counters, gauges and histograms, without naming who collects them.
//
// Instruments are looked up once, at construction, and used without a lock or an allocation. They
// live as long as the registry. Thread-safe.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace nexus {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(double n) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double v) = 0;
  virtual void Add(double n) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double v) = 0;
};

// Label values are a small fixed set: never stream names, event ids or principals.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class MetricsRegistry {
 public:
  virtual ~MetricsRegistry() = default;

  // `name` is in base units and ends in _total for counters. The same name and labels give the same
  // instrument; the first `help` stays.
  virtual Counter& GetCounter(absl::string_view name, absl::string_view help,
                              const MetricLabels& labels) = 0;
  virtual Gauge& GetGauge(absl::string_view name, absl::string_view help,
                          const MetricLabels& labels) = 0;
  virtual Histogram& GetHistogram(absl::string_view name, absl::string_view help,
                                  const MetricLabels& labels, absl::Span<const double> buckets) = 0;

  // The text exposition format of Prometheus.
  virtual std::string Exposition() = 0;
};

}  // namespace nexus
