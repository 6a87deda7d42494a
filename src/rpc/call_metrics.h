#pragma once

// Counts calls: started, handled by code, how long, how many under way.
//
// Thread-safe after construction: the instruments of every method of every service are made once.

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"

namespace nexus::rpc {

class CallMetrics {
  struct Method;

 public:
  // One call, from its construction to Finish() or its destruction.
  class Scope {
   public:
    Scope(CallMetrics& metrics, absl::string_view method);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

    // `wire_code` is a canonical code; counted once.
    void Finish(int wire_code);

   private:
    Method& method_;
    CallMetrics& metrics_;
    const absl::Duration started_;
    bool finished_ = false;
  };

  CallMetrics(MetricsRegistry& registry, Clock& clock);
  ~CallMetrics();

 private:
  friend class Scope;

  void Add(MetricsRegistry& registry, const std::string& service, const std::string& name);
  // By "service/method".
  Method& Find(absl::string_view method);

  Clock& clock_;
  Gauge& in_flight_;
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> methods_;
};

}  // namespace nexus::rpc
