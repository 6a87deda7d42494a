#include "route/delivery_plan.h"

#include <utility>

namespace nexus::route {

DeliveryPlan PlanFor(const RouteDeclaration& route, std::string run) {
  DeliveryPlan plan;
  plan.route = route.name;
  plan.run = std::move(run);
  plan.match = route.match;
  plan.key = route.key;
  plan.on_error = route.on_error;
  plan.start = route.start;
  plan.options.pending_events_max = route.bounds.pending_events;
  plan.options.pending_bytes_max = route.bounds.pending_bytes;
  plan.options.lanes.in_flight_per_lane_max = route.bounds.in_flight_per_stream;
  plan.options.lanes.attempts_max = static_cast<uint32_t>(route.retry.attempts);
  plan.options.lanes.park = route.dead_letters == DeadLetterPolicy::kParkLane;
  plan.options.retry_base = absl::Milliseconds(route.retry.base_ms);
  plan.options.retry_max = absl::Milliseconds(route.retry.max_ms);
  return plan;
}

}  // namespace nexus::route
