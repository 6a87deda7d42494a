#include "graph/graph_fold.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "nexus/core/stream_name.h"

namespace nexus::graph {
namespace {

constexpr size_t kServiceNameBytesMax = 255;
// The attribute of CloudEvents that names the producer, as imports and gateways keep it.
constexpr absl::string_view kSourceKey = "ce_source";
// Who waits for the service that writes this event: a call past the log that it owns up to.
constexpr absl::string_view kCalledByKey = "called_by";

absl::string_view MetadataOf(const RecordedEvent& event, absl::string_view key) {
  for (const auto& [name, value] : event.metadata) {
    if (name == key) return value.size() <= kServiceNameBytesMax ? value : absl::string_view();
  }
  return {};
}

// The producer that the event claims, else the principal that the server wrote down.
absl::string_view ServiceOf(const RecordedEvent& event) {
  const absl::string_view source = MetadataOf(event, kSourceKey);
  if (!source.empty()) return source;
  return event.principal.empty() ? "anonymous" : event.principal;
}

void See(const RecordedEvent& event, GraphSightings& seen) {
  if (seen.events++ == 0) seen.first = event.position;
  seen.last = event.position;
  seen.last_time = event.recorded;
}

}  // namespace

GraphFold::GraphFold(const GraphLimits& limits) : limits_(limits) {}

bool GraphFold::FindService(absl::string_view name, Id& id) {
  const auto found = services_.find(name);
  if (found != services_.end()) {
    id = found->second;
    return true;
  }
  if (graph_.services.size() >= limits_.services_max) return false;
  id = static_cast<Id>(graph_.services.size());
  services_.emplace(name, id);
  graph_.services.push_back({std::string(name), {}, 0, {}});
  return true;
}

bool GraphFold::FindKind(const RecordedEvent& event, Id& id) {
  std::pair<std::string, std::string> key(StreamName::CategoryOf(event.stream), event.type);
  const auto found = kind_ids_.find(key);
  if (found != kind_ids_.end()) {
    id = found->second;
    return true;
  }
  if (kinds_.size() >= limits_.event_kinds_max) return false;
  id = static_cast<Id>(kinds_.size());
  kinds_.push_back({key.first, key.second});
  kind_ids_.emplace(std::move(key), id);
  return true;
}

void GraphFold::NotePrincipal(Id service, absl::string_view principal) {
  std::vector<std::string>& known = graph_.services[service].principals;
  const auto at = std::lower_bound(known.begin(), known.end(), principal);
  if (at != known.end() && *at == principal) return;
  if (known.size() < limits_.principals_max) known.emplace(at, principal);
}

void GraphFold::NoteEdge(const EdgeKey& key, const RecordedEvent& event) {
  const auto found = edge_places_.find(key);
  if (found != edge_places_.end()) return See(event, edges_[found->second].second);
  if (edges_.size() >= limits_.edges_max) {
    ++graph_.left_out;
    return;
  }
  edge_places_.emplace(key, edges_.size());
  edges_.emplace_back(key, GraphSightings());
  See(event, edges_.back().second);
}

void GraphFold::FollowCause(const RecordedEvent& event, Id service, Id kind) {
  if (event.causation_id.empty()) return;
  const absl::StatusOr<EventId> cause = EventId::Parse(event.causation_id);
  const auto found = cause.ok() ? origins_.find(*cause) : origins_.end();
  if (found == origins_.end()) {
    ++graph_.services[service].causes_unresolved;
    return;
  }
  const Origin& origin = found->second;
  if (origin.service == service) return;
  NoteEdge({GraphEdgeKind::kConsumes, CallEvidence::kNone, service, origin.service, origin.kind},
           event);
  if (origin.position >= commit_first_) {
    NoteEdge({GraphEdgeKind::kCalls, CallEvidence::kSameCommit, origin.service, service, kind},
             event);
  } else if (origin.stream == absl::HashOf(event.stream)) {
    NoteEdge({GraphEdgeKind::kCalls, CallEvidence::kSameStream, origin.service, service, kind},
             event);
  }
}

void GraphFold::FollowCall(const RecordedEvent& event, Id service, Id kind) {
  const absl::string_view caller = MetadataOf(event, kCalledByKey);
  if (caller.empty()) return;
  Id id = 0;
  if (!FindService(caller, id)) {
    ++graph_.left_out;
  } else if (id != service) {
    NoteEdge({GraphEdgeKind::kCalls, CallEvidence::kDeclared, id, service, kind}, event);
  }
}

void GraphFold::Remember(const EventId& id, const Origin& origin) {
  if (ring_.size() < limits_.causes_max) {
    ring_.emplace_back(id, origin.position);
  } else {
    const auto oldest = origins_.find(ring_[ring_next_].first);
    // An id is unique in its stream only: a later event may have taken the place.
    if (oldest != origins_.end() && oldest->second.position == ring_[ring_next_].second) {
      origins_.erase(oldest);
    }
    ring_[ring_next_] = {id, origin.position};
    ring_next_ = (ring_next_ + 1) % ring_.size();
  }
  origins_[id] = origin;
}

void GraphFold::Take(const RecordedEvent& event) {
  graph_.position = event.position;
  if (commit_first_.value == 0 || event.commit_id != commit_) {
    commit_ = event.commit_id;
    commit_first_ = event.position;
  }
  if (!event.stream.empty() && event.stream.front() == '$') return;
  Id service = 0;
  Id kind = 0;
  if (!FindService(ServiceOf(event), service) || !FindKind(event, kind)) {
    ++graph_.left_out;
    return;
  }
  See(event, graph_.services[service].seen);
  NotePrincipal(service, event.principal);
  NoteEdge({GraphEdgeKind::kPublishes, CallEvidence::kNone, service, service, kind}, event);
  FollowCause(event, service, kind);
  FollowCall(event, service, kind);
  Remember(event.id, {service, kind, event.position, absl::HashOf(event.stream)});
}

ServiceGraph GraphFold::Graph() const {
  ServiceGraph graph = graph_;
  for (const auto& [key, seen] : edges_) {
    const auto& [kind, evidence, service, peer, event_kind] = key;
    GraphEdge edge;
    edge.kind = kind;
    edge.service = graph_.services[service].name;
    if (kind != GraphEdgeKind::kPublishes) edge.peer = graph_.services[peer].name;
    edge.category = kinds_[event_kind].category;
    edge.type = kinds_[event_kind].type;
    edge.evidence = evidence;
    edge.seen = seen;
    graph.edges.push_back(std::move(edge));
  }
  std::sort(graph.services.begin(), graph.services.end(),
            [](const GraphService& a, const GraphService& b) { return a.name < b.name; });
  std::sort(graph.edges.begin(), graph.edges.end(), [](const GraphEdge& a, const GraphEdge& b) {
    return std::tie(a.kind, a.service, a.peer, a.category, a.type, a.evidence) <
           std::tie(b.kind, b.service, b.peer, b.category, b.type, b.evidence);
  });
  return graph;
}

}  // namespace nexus::graph
