#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/metrics.h"

namespace nexus::fake {

// Keeps the last value of each instrument, for tests that ask. Thread-safe.
class RecordingMetrics : public MetricsRegistry {
 public:
  nexus::Counter& GetCounter(absl::string_view name, absl::string_view,
                             const MetricLabels& labels) override {
    return Find(name, labels);
  }
  nexus::Gauge& GetGauge(absl::string_view name, absl::string_view,
                         const MetricLabels& labels) override {
    return Find(name, labels);
  }
  nexus::Histogram& GetHistogram(absl::string_view name, absl::string_view,
                                 const MetricLabels& labels, absl::Span<const double>) override {
    return Find(name, labels);
  }
  std::string Exposition() override { return ""; }

  // Sum of counts, last gauge value, or number of observations; key "name{a=b,c=d}" or "name".
  double Value(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    const auto it = instruments_.find(key);
    return it == instruments_.end() ? 0 : it->second->value();
  }

 private:
  class Instrument : public nexus::Counter, public nexus::Gauge, public nexus::Histogram {
   public:
    void Add(double n) override {
      absl::MutexLock lock(&mutex_);
      value_ += n;
    }
    void Set(double v) override {
      absl::MutexLock lock(&mutex_);
      value_ = v;
    }
    void Observe(double) override { Add(1); }
    double value() {
      absl::MutexLock lock(&mutex_);
      return value_;
    }

   private:
    absl::Mutex mutex_;
    double value_ ABSL_GUARDED_BY(mutex_) = 0;
  };

  Instrument& Find(absl::string_view name, const MetricLabels& labels) {
    std::string key(name);
    if (!labels.empty()) {
      absl::StrAppend(&key, "{");
      for (size_t i = 0; i < labels.size(); ++i) {
        absl::StrAppend(&key, i == 0 ? "" : ",", labels[i].first, "=", labels[i].second);
      }
      absl::StrAppend(&key, "}");
    }
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<Instrument>& slot = instruments_[key];
    if (!slot) slot = std::make_unique<Instrument>();
    return *slot;
  }

  absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<Instrument>> instruments_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
