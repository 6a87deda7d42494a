#pragma once

// Which service writes what, what its events follow from, and who calls whom: as seen in the log.
//
// docs/reference/service-graph.md says how each is seen, and what it cannot show.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus {

// Events that showed the same thing.
struct GraphSightings {
  uint64_t events = 0;
  Position first;
  Position last;
  Timestamp last_time;
};

struct GraphService {
  std::string name;
  std::vector<std::string> principals;  // that wrote under this name, sorted, the first ones
  uint64_t causes_unresolved = 0;  // events with a cause that is not in the log, or too far back
  GraphSightings seen;             // events that it wrote
};

enum class GraphEdgeKind : uint8_t { kPublishes = 1, kConsumes = 2, kCalls = 3 };

// How a direct call was noticed.
enum class CallEvidence : uint8_t {
  kNone = 0,
  kDeclared = 1,    // the event says so in its metadata
  kSameCommit = 2,  // its cause was stored together with it: it cannot have been read from the log
  kSameStream = 3,  // it answers in the stream that its cause stands in
};

struct GraphEdge {
  GraphEdgeKind kind = GraphEdgeKind::kPublishes;
  std::string service;   // publishes, consumes, or calls
  std::string peer;      // kConsumes: who published it. kCalls: who is called
  std::string category;  // kCalls: of the event that shows the call
  std::string type;
  CallEvidence evidence = CallEvidence::kNone;  // of kCalls
  GraphSightings seen;
};

// A subscription that began since the server started; the log does not know of them.
struct GraphSubscription {
  std::string principal;
  std::string place;  // a stream, a category as "order-*", a prefix with "*"; "*": the whole log
  std::string type;   // a type, or a prefix with "*"; "*": all types
  uint64_t times = 0;
  Timestamp last_time;
};

struct ServiceGraph {
  Position position;                   // everything up to here was looked at
  uint64_t left_out = 0;               // sightings without a place, as the limits were reached
  std::vector<GraphService> services;  // by name
  std::vector<GraphEdge> edges;        // by kind, service, peer, category, type, evidence
  std::vector<GraphSubscription> subscriptions;  // by principal, place, type
};

// "publishes", "consumes", "calls".
absl::string_view GraphEdgeKindName(GraphEdgeKind kind);
// "", "declared", "same_commit", "same_stream".
absl::string_view CallEvidenceName(CallEvidence evidence);

}  // namespace nexus
