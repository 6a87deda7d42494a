#pragma once

// The service graph as the log shows it: a fold over stored events.
//
// A pure function of the events in their order; memory is bounded by the limits. What finds no
// place any more is counted. Not thread-safe. docs/reference/service-graph.md defines each edge.

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/core/ids.h"
#include "nexus/core/service_graph.h"

namespace nexus::graph {

struct GraphLimits {
  size_t services_max = 1'000;
  size_t event_kinds_max = 10'000;  // pairs of category and type
  size_t edges_max = 20'000;
  size_t principals_max = 16;    // of a service, that are named
  size_t causes_max = 1u << 18;  // newest events that a causation can be resolved to
};

class GraphFold {
 public:
  explicit GraphFold(const GraphLimits& limits = {});

  // Events by ascending position. Those of the server's own streams are passed over.
  void Take(const RecordedEvent& event);

  Position position() const { return graph_.position; }
  // All sorted; without subscriptions, which no event tells.
  ServiceGraph Graph() const;

 private:
  using Id = uint32_t;
  struct EventKind {
    std::string category;
    std::string type;
  };
  // Where an event came from, by its id.
  struct Origin {
    Id service = 0;
    Id kind = 0;
    Position position;
    size_t stream = 0;  // hash of its name
  };
  using EdgeKey = std::tuple<GraphEdgeKind, CallEvidence, Id, Id, Id>;

  bool FindService(absl::string_view name, Id& id);
  bool FindKind(const RecordedEvent& event, Id& id);
  void NotePrincipal(Id service, absl::string_view principal);
  void NoteEdge(const EdgeKey& key, const RecordedEvent& event);
  void FollowCause(const RecordedEvent& event, Id service, Id kind);
  void FollowCall(const RecordedEvent& event, Id service, Id kind);
  void Remember(const EventId& id, const Origin& origin);

  const GraphLimits limits_;
  ServiceGraph graph_;  // services in the order in which they came
  absl::flat_hash_map<std::string, Id> services_;
  std::vector<EventKind> kinds_;
  absl::flat_hash_map<std::pair<std::string, std::string>, Id> kind_ids_;
  std::vector<std::pair<EdgeKey, GraphSightings>> edges_;
  absl::flat_hash_map<EdgeKey, size_t> edge_places_;
  // The newest events: a ring, and where to find each.
  std::vector<std::pair<EventId, Position>> ring_;
  size_t ring_next_ = 0;
  absl::flat_hash_map<EventId, Origin> origins_;
  CommitId commit_;
  Position commit_first_;
};

}  // namespace nexus::graph
