#include "route/router.h"

#include <algorithm>
#include <utility>

#include "nexus/core/status_macros.h"

namespace nexus::route {

Router::Router(const RouteContext& context, Sink& critical, Sink& standard, RouterOptions options)
    : clock_(context.clock), options_(std::move(options)) {
  const bool one_sink = &critical == &standard;
  const auto add = [&](Sink& sink, SinkDelivery::Meant meant, const DeliveryOptions& delivery) {
    deliveries_.push_back(
        std::make_shared<SinkDelivery>(context, options_.criticality, sink, meant, delivery));
  };
  add(critical, {.critical = true, .standard = one_sink}, options_.critical);
  if (!one_sink) add(standard, {.critical = false, .standard = true}, options_.standard);
}

Router::~Router() { Stop(absl::ZeroDuration()).IgnoreError(); }

absl::Status Router::Start() {
  NEXUS_RETURN_IF_ERROR(CheckRules(options_.criticality));
  for (const auto& delivery : deliveries_) NEXUS_RETURN_IF_ERROR(delivery->Start());
  return absl::OkStatus();
}

absl::Status Router::Stop(absl::Duration timeout) {
  absl::Status first;
  const absl::Duration deadline = clock_.Monotonic() + timeout;
  for (const auto& delivery : deliveries_) {
    const absl::Duration left = std::max(absl::ZeroDuration(), deadline - clock_.Monotonic());
    first.Update(delivery->Stop(left));
  }
  return first;
}

std::vector<SinkStatus> Router::Status() const {
  std::vector<SinkStatus> status;
  for (const auto& delivery : deliveries_) status.push_back(delivery->Status());
  return status;
}

}  // namespace nexus::route
