#pragma once

// For parts that count, where nobody asks for the counts.

#include <string>

#include "nexus/port/metrics.h"

namespace nexus::cli {

class NoMetrics : public MetricsRegistry {
 public:
  Counter& GetCounter(absl::string_view, absl::string_view, const MetricLabels&) override {
    return counter_;
  }
  Gauge& GetGauge(absl::string_view, absl::string_view, const MetricLabels&) override {
    return gauge_;
  }
  Histogram& GetHistogram(absl::string_view, absl::string_view, const MetricLabels&,
                          absl::Span<const double>) override {
    return histogram_;
  }
  std::string Exposition() override { return ""; }

 private:
  struct NoCounter : Counter {
    void Add(double) override {}
  };
  struct NoGauge : Gauge {
    void Set(double) override {}
    void Add(double) override {}
  };
  struct NoHistogram : Histogram {
    void Observe(double) override {}
  };
  NoCounter counter_;
  NoGauge gauge_;
  NoHistogram histogram_;
};

}  // namespace nexus::cli
