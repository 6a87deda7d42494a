#pragma once

// How often a cache knew what it was asked.
//
// Thread-safe. Nothing is counted without a registry.

#include <string>

#include "absl/strings/string_view.h"
#include "nexus/port/metrics.h"

namespace nexus {

class CacheCounters {
 public:
  CacheCounters() = default;
  // `registry` must outlive it. `cache`: one of a few names, docs/reference/metrics.md.
  CacheCounters(MetricsRegistry& registry, absl::string_view cache)
      : hits_(&Of(registry, cache, "hit")), misses_(&Of(registry, cache, "miss")) {}

  void Hits(double n = 1) const {
    if (hits_ != nullptr) hits_->Add(n);
  }
  void Misses(double n = 1) const {
    if (misses_ != nullptr) misses_->Add(n);
  }
  void Count(bool hit) const { hit ? Hits() : Misses(); }

 private:
  static Counter& Of(MetricsRegistry& registry, absl::string_view cache, const char* result) {
    return registry.GetCounter("nexus_cache_requests_total",
                               "Questions to a cache, by whether it knew the answer.",
                               {{"cache", std::string(cache)}, {"result", result}});
  }

  Counter* hits_ = nullptr;
  Counter* misses_ = nullptr;
};

}  // namespace nexus
