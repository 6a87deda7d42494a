#include "rpc/call_metrics.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

// What a call that no service has is counted as; there is none.
constexpr char kUnknown[] = "unknown/unknown";

constexpr std::array<absl::string_view, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

constexpr std::array kBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                 .025,  .05,    .1,    .25,  .5,    1.0,  5.0};

}  // namespace

struct CallMetrics::Method {
  Counter* started;
  std::array<Counter*, kCodes.size()> handled;
  Histogram* seconds;
};

CallMetrics::CallMetrics(MetricsRegistry& registry, Clock& clock)
    : clock_(clock),
      in_flight_(registry.GetGauge("nexus_grpc_server_in_flight", "Calls under way.", {})) {
  Add(registry, "unknown", "unknown");
  for (const char* name : kServiceNames) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      Add(registry, name, service->method(i)->name());
    }
  }
}

void CallMetrics::Add(MetricsRegistry& registry, const std::string& service,
                      const std::string& name) {
  const MetricLabels labels = {{"service", service}, {"method", name}};
  auto method = std::make_unique<Method>();
  method->started =
      &registry.GetCounter("nexus_grpc_server_started_total", "Calls that began.", labels);
  method->seconds = &registry.GetHistogram("nexus_grpc_server_handling_seconds",
                                           "Time from begin to end of a call.", labels, kBuckets);
  for (size_t code = 0; code < kCodes.size(); ++code) {
    MetricLabels with_code = labels;
    with_code.emplace_back("code", std::string(kCodes[code]));
    method->handled[code] = &registry.GetCounter("nexus_grpc_server_handled_total",
                                                 "Calls that ended, by code.", with_code);
  }
  methods_[absl::StrCat(service, "/", name)] = std::move(method);
}

CallMetrics::~CallMetrics() = default;

CallMetrics::Method& CallMetrics::Find(absl::string_view method) {
  const auto at = methods_.find(method);
  return *(at != methods_.end() ? at : methods_.find(kUnknown))->second;
}

CallMetrics::Scope::Scope(CallMetrics& metrics, absl::string_view method)
    : method_(metrics.Find(method)), metrics_(metrics), started_(metrics.clock_.Monotonic()) {
  method_.started->Add(1);
  metrics_.in_flight_.Add(1);
}

CallMetrics::Scope::~Scope() { Finish(static_cast<int>(absl::StatusCode::kCancelled)); }

void CallMetrics::Scope::Finish(int wire_code) {
  if (finished_) return;
  finished_ = true;
  const size_t code = wire_code >= 0 && wire_code < static_cast<int>(kCodes.size())
                          ? static_cast<size_t>(wire_code)
                          : static_cast<size_t>(absl::StatusCode::kUnknown);
  method_.handled[code]->Add(1);
  method_.seconds->Observe(absl::ToDoubleSeconds(metrics_.clock_.Monotonic() - started_));
  metrics_.in_flight_.Add(-1);
}

}  // namespace nexus::rpc
