#pragma once

// Which routes there are: the fold of `$routes` over those that the configuration has.
//
// A value: copies are snapshots. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "route/book/route_events.h"

namespace nexus::route {

struct ReplayRecord {
  uint64_t id = 0;  // the revision of its event
  Position from;
  Position to;
  Timestamp started = {};
  std::string started_by = {};
  bool ended = false;
  std::string outcome = {};
};

struct RouteRecord {
  RouteDeclaration declaration;
  std::string revision;  // digest
  // Counts how often it began anew: part of the name of its checkpoint.
  uint64_t generation = 0;
  bool paused = false;
  bool configured = false;  // of the configuration: no event declares it
  Timestamp changed = {};
  std::string changed_by = {};
  std::vector<ReplayRecord> replays = {};  // the newest 16 at most, and all under way
};

// What an event is besides its data.
struct EventPlace {
  Revision revision;
  Timestamp recorded = {};
  std::string principal = {};
};

class RouteState {
 public:
  explicit RouteState(const std::vector<RouteDeclaration>& configured);

  // DATA_LOSS if the event cannot follow from those before it.
  absl::Status Apply(const RouteEvent& event, const EventPlace& place);

  // Why `event` would change nothing or cannot happen. NOT_FOUND, MALFORMED_REQUEST.
  absl::Status Check(const RouteEvent& event) const;
  // The state is as `event` would make it.
  bool IsSo(const RouteEvent& event) const;

  // By name.
  const std::map<std::string, RouteRecord>& routes() const { return routes_; }
  const RouteRecord* Find(absl::string_view name) const;

 private:
  void Declare(const RouteEvent& event, const EventPlace& place);
  void StartReplay(RouteRecord& route, const RouteEvent& event, const EventPlace& place);

  std::map<std::string, RouteRecord> routes_;
  std::map<std::string, uint64_t> generations_;  // of all that ever were
};

}  // namespace nexus::route
