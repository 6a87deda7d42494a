#pragma once

// What a route owes of each event that it matches: read from its dead letters and its declarations.
//
// Not thread-safe.

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "route/book/route_state.h"
#include "route/reconcile/comparer.h"

namespace nexus::route {

class DueBook {
 public:
  // Events below `kept_from` are no longer in the ledger.
  DueBook(const RouteRecord& route, Position checkpoint, Position kept_from);

  // Reads `$routes` and `$dead-letters`. DATA_LOSS, UNSUPPORTED_FORMAT.
  absl::Status Load(EventReader& reader, JsonReader& json);

  Expectation Of(const RecordedEvent& event) const;

 private:
  absl::Status LoadRoutes(EventReader& reader, JsonReader& json);
  absl::Status LoadLetters(EventReader& reader, JsonReader& json);
  absl::Status SetStart(EventReader& reader);

  const RouteRecord& route_;
  const std::string run_;
  const Position checkpoint_;
  // Whether earlier ones were meant for the route, and came to it, nobody knows.
  Position known_from_;
  Position declared_;                                  // where the route began
  bool changed_ = false;                               // since then
  absl::flat_hash_map<std::string, Revision> parked_;  // by stream: from where on
  absl::flat_hash_set<uint64_t> open_;                 // letters whose stream went on
  absl::flat_hash_set<uint64_t> letters_;              // all that ever were, by position
};

}  // namespace nexus::route
