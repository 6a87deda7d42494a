#pragma once

// Where an event would go and why, and what a change of the rules would do to events that are
// stored: nothing here delivers.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"
#include "route/book/route_state.h"
#include "route/declaration/classification.h"

namespace nexus::route {

// A term of the score: value times weight. Of a model: of its log-odds.
struct ScoreTerm {
  std::string name;
  double value = 0;
  double weight = 0;
  double contribution = 0;  // to millionths, where a model scores
};

struct Explanation {
  Verdict verdict;
  std::vector<ScoreTerm> terms;  // of a model: the largest contributions first
  // Of the model that scores, and the sum of what its terms contribute; empty: the weights do.
  std::string model;
  double log_odds = 0;
  std::string why;  // what decided, in a few words
};

Explanation Explain(const CriticalityRules& rules, const RecordedEvent& event);

struct RouteTrial {
  std::string route;
  bool matches = false;
  std::string why_not;
  std::string key;
  bool paused = false;
};

// For each route, by name.
std::vector<RouteTrial> TryRoutes(const RouteState& routes, const RecordedEvent& event, Path path);

// What is compared: the routes and rules of now, or those of a change.
struct RouteSetting {
  RouteState routes;
  // Of the event at a position; not null.
  std::function<const CriticalityRules&(Position)> rules;
};

struct SimulatedRoute {
  uint64_t before = 0;
  uint64_t after = 0;
  uint64_t gained = 0;
  uint64_t lost = 0;
};

struct Simulation {
  struct Sample {
    Position position;
    std::string stream;
    std::string type;
    std::string route;
    bool gained = false;
  };
  Position from;
  Position to;
  uint64_t events = 0;  // without those of the server
  uint64_t critical_before = 0;
  uint64_t critical_after = 0;
  uint64_t unrouted_before = 0;
  uint64_t unrouted_after = 0;
  std::map<std::string, SimulatedRoute> routes;
  std::vector<Sample> samples;  // the first 20 that differ
};

// Reads the events of (`after`, head] and compares. Reads from disk.
absl::StatusOr<Simulation> Simulate(EventReader& reader, Position after, const RouteSetting& now,
                                    const RouteSetting& then);

}  // namespace nexus::route
