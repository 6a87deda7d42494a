#pragma once

// Counts what a period of the log sent to which sink, under the rules of then and under others, in
// one pass.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cost/comparison.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/port/event_reader.h"
#include "route/declaration/criticality.h"
#include "route/declaration/route_declaration.h"

namespace nexus::cost {

struct CountedRoute {
  std::string name;
  route::RouteMatch match;
  std::string service;  // what its sink is billed as; empty: nothing
};

// Who decides where events go.
struct Routing {
  std::vector<CountedRoute> routes;
  // Of the event at a position; not null.
  std::function<const route::CriticalityRules&(Position)> rules;
};

struct RoutedPeriod {
  RoutedUsage usage;
  uint64_t critical = 0;  // events, without the server's own
  uint64_t unrouted = 0;  // that no route takes
};

struct MeasuredPeriod {
  uint64_t events = 0;  // without the server's own
  Timestamp first;      // recorded; of those; zero: there is none
  Timestamp last;
  std::vector<RoutedPeriod> routed;  // one for each routing, in its order
};

struct PeriodRange {
  Position from;  // both included
  Position to;
};

// What an event is billed for: its data and all texts that go along. A broker's own framing is not
// in it.
uint64_t BilledBytes(const RecordedEvent& event);

// Reads from disk. `go_on` is asked before each page; its error ends the reading.
absl::StatusOr<MeasuredPeriod> MeasurePeriod(EventReader& reader, PeriodRange range,
                                             const std::vector<const Routing*>& routings,
                                             const std::set<uint64_t>& piece_sizes,
                                             const std::function<absl::Status()>& go_on);

}  // namespace nexus::cost
