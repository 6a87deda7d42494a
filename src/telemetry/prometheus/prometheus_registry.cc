#include "telemetry/prometheus/prometheus_registry.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <vector>

namespace nexus::telemetry {
namespace {

class PrometheusCounter : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Add(double n) override { counter_.Increment(n); }  // ignores what is below zero

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double v) override { gauge_.Set(v); }
  void Add(double n) override { gauge_.Increment(n); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double v) override { histogram_.Observe(v); }

 private:
  prometheus::Histogram& histogram_;
};

std::map<std::string, std::string> Sorted(const MetricLabels& labels) {
  return {labels.begin(), labels.end()};
}

// The instrument of `key`, made by `make` the first time. prometheus-cpp throws for a name that it
// does not like.
template <typename Instruments, typename Key, typename Make>
auto& FindOrMake(Instruments& instruments, const Key& key, Make make) {
  auto& slot = instruments[key];
  if (slot) return *slot;
  try {
    slot = make();
  } catch (const std::exception& error) {
    std::cerr << "metric " << key.first << ": " << error.what() << std::endl;
    std::abort();
  }
  return *slot;
}

}  // namespace

PrometheusRegistry::PrometheusRegistry() : registry_(std::make_unique<prometheus::Registry>()) {}

PrometheusRegistry::~PrometheusRegistry() = default;

Counter& PrometheusRegistry::GetCounter(absl::string_view name, absl::string_view help,
                                        const MetricLabels& labels) {
  const Key key(std::string(name), Sorted(labels));
  absl::MutexLock lock(&mutex_);
  const std::string& first_help = help_.try_emplace(key.first, help).first->second;
  return FindOrMake(counters_, key, [&] {
    auto& family = prometheus::BuildCounter().Name(key.first).Help(first_help).Register(*registry_);
    return std::make_unique<PrometheusCounter>(family.Add(key.second));
  });
}

Gauge& PrometheusRegistry::GetGauge(absl::string_view name, absl::string_view help,
                                    const MetricLabels& labels) {
  const Key key(std::string(name), Sorted(labels));
  absl::MutexLock lock(&mutex_);
  const std::string& first_help = help_.try_emplace(key.first, help).first->second;
  return FindOrMake(gauges_, key, [&] {
    auto& family = prometheus::BuildGauge().Name(key.first).Help(first_help).Register(*registry_);
    return std::make_unique<PrometheusGauge>(family.Add(key.second));
  });
}

Histogram& PrometheusRegistry::GetHistogram(absl::string_view name, absl::string_view help,
                                            const MetricLabels& labels,
                                            absl::Span<const double> buckets) {
  const Key key(std::string(name), Sorted(labels));
  absl::MutexLock lock(&mutex_);
  const std::string& first_help = help_.try_emplace(key.first, help).first->second;
  return FindOrMake(histograms_, key, [&] {
    auto& family =
        prometheus::BuildHistogram().Name(key.first).Help(first_help).Register(*registry_);
    return std::make_unique<PrometheusHistogram>(
        family.Add(key.second, std::vector<double>(buckets.begin(), buckets.end())));
  });
}

std::string PrometheusRegistry::Exposition() {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace nexus::telemetry
