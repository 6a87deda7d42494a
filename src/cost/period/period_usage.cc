#include "cost/period/period_usage.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "cost/usage_meter.h"
#include "nexus/core/status_macros.h"
#include "nexus/port/event_walk.h"
#include "route/declaration/route_match.h"

namespace nexus::cost {
namespace {

constexpr size_t kIdBytes = 36;  // as text

// What one routing makes of the events.
class Counter {
 public:
  Counter(const Routing& routing, const std::set<uint64_t>& piece_sizes)
      : routing_(routing), all_(piece_sizes) {
    for (const CountedRoute& route : routing.routes) {
      routes_.emplace_back(piece_sizes);
      if (!route.service.empty()) services_.try_emplace(route.service, piece_sizes);
    }
  }

  void Add(const RecordedEvent& event, uint64_t bytes) {
    const route::Path path = route::Judge(routing_.rules(event.position), event).path;
    const bool own = IsServers(event);
    if (!own && path == route::Path::kCritical) ++out_.critical;
    bool any = false;
    for (size_t i = 0; i < routes_.size(); ++i) {
      const CountedRoute& route = routing_.routes[i];
      if (!route::Matches(route.match, event, path)) continue;
      any = true;
      routes_[i].Add(event.recorded, bytes);
      if (!route.service.empty()) services_.at(route.service).Add(event.recorded, bytes);
    }
    if (any) all_.Add(event.recorded, bytes);
    if (!any && !own) ++out_.unrouted;
  }

  static bool IsServers(const RecordedEvent& event) {
    return !event.stream.empty() && event.stream[0] == '$';
  }

  RoutedPeriod Take() {
    for (size_t i = 0; i < routes_.size(); ++i) {
      const CountedRoute& route = routing_.routes[i];
      out_.usage.routes.push_back({route.name, route.service, routes_[i].usage()});
    }
    for (const auto& [name, meter] : services_) out_.usage.services[name] = meter.usage();
    out_.usage.all = all_.usage();
    return std::move(out_);
  }

 private:
  const Routing& routing_;
  std::vector<UsageMeter> routes_;
  absl::btree_map<std::string, UsageMeter> services_;
  UsageMeter all_;
  RoutedPeriod out_;
};

void Count(const RecordedEvent& event, std::vector<Counter>& counters, MeasuredPeriod& period) {
  const uint64_t bytes = BilledBytes(event);
  for (Counter& counter : counters) counter.Add(event, bytes);
  if (Counter::IsServers(event)) return;
  if (++period.events == 1) period.first = event.recorded;
  period.last = event.recorded;
}

}  // namespace

uint64_t BilledBytes(const RecordedEvent& event) {
  uint64_t bytes = kIdBytes + event.data.size() + event.stream.size() + event.type.size() +
                   event.content_type.size() + event.correlation_id.size() +
                   event.causation_id.size() + event.traceparent.size() + event.tracestate.size();
  for (const absl::string_view tag : event.tags) bytes += tag.size();
  for (const auto& [key, value] : event.metadata) bytes += key.size() + value.size();
  return bytes;
}

absl::StatusOr<MeasuredPeriod> MeasurePeriod(EventReader& reader, PeriodRange range,
                                             const std::vector<const Routing*>& routings,
                                             const std::set<uint64_t>& piece_sizes,
                                             const std::function<absl::Status()>& go_on) {
  MeasuredPeriod period;
  std::vector<Counter> counters;
  for (const Routing* routing : routings) counters.emplace_back(*routing, piece_sizes);
  NEXUS_RETURN_IF_ERROR(
      ForEachEvent(reader, range.from, range.to, go_on,
                   [&](const RecordedEvent& event) { Count(event, counters, period); }));
  for (Counter& counter : counters) period.routed.push_back(counter.Take());
  return period;
}

}  // namespace nexus::cost
