// AdminService/GetServiceGraph: brings the graph up to the head, step by step, then sends it in
// parts.

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/engine.h"
#include "nexus/admin/v1/admin.pb.h"
#include "nexus/core/service_graph.h"
#include "rpc/admin_service.h"
#include "rpc/convert.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

constexpr size_t kRowsMax = 500;  // of a message, which must stay under 4 MiB

void FillSightings(const GraphSightings& seen, admin::v1::GraphSightings& out) {
  out.set_events(seen.events);
  out.set_first_position(seen.first.value);
  out.set_last_position(seen.last.value);
  FillTimestamp(seen.last_time, *out.mutable_last_time());
}

void FillRow(const GraphService& row, admin::v1::GraphService& out) {
  out.set_name(row.name);
  for (const std::string& principal : row.principals) out.add_principals(principal);
  FillSightings(row.seen, *out.mutable_seen());
  out.set_causes_unresolved(row.causes_unresolved);
}

void FillRow(const GraphEdge& row, admin::v1::GraphEdge& out) {
  out.set_kind(static_cast<admin::v1::GraphEdgeKind>(row.kind));
  out.set_service(row.service);
  out.set_peer(row.peer);
  out.set_category(row.category);
  out.set_type(row.type);
  out.set_evidence(static_cast<admin::v1::CallEvidence>(row.evidence));
  FillSightings(row.seen, *out.mutable_seen());
}

void FillRow(const GraphSubscription& row, admin::v1::GraphSubscription& out) {
  out.set_principal(row.principal);
  out.set_place(row.place);
  out.set_type(row.type);
  out.set_times(row.times);
  FillTimestamp(row.last_time, *out.mutable_last_time());
}

// How far the lists of a graph have been sent.
struct GraphPlace {
  size_t services = 0;
  size_t edges = 0;
  size_t subscriptions = 0;
};

class GraphWalk {
 public:
  explicit GraphWalk(engine::Engine& engine) : graphs_(engine.graph()), head_(engine.Head()) {}

  absl::Status Advance() {
    if (!graph_.has_value()) {
      const absl::StatusOr<Position> reached = graphs_.Advance();
      if (!reached.ok()) return reached.status();
      position_ = std::min(*reached, head_);
      if (*reached < head_) return absl::OkStatus();
      graph_ = graphs_.Graph();
      position_ = graph_->position;
    }
    sent_ = next_;
    size_t left = kRowsMax;
    MoveOn(graph_->services.size(), next_.services, left);
    MoveOn(graph_->edges.size(), next_.edges, left);
    MoveOn(graph_->subscriptions.size(), next_.subscriptions, left);
    return absl::OkStatus();
  }

  bool done() const {
    return graph_.has_value() && next_.services == graph_->services.size() &&
           next_.edges == graph_->edges.size() &&
           next_.subscriptions == graph_->subscriptions.size();
  }

  // The part that the last step came to.
  void Fill(admin::v1::GetServiceGraphResponse& out) const {
    out.set_head(head_.value);
    out.set_position(position_.value);
    out.set_done(done());
    if (!graph_.has_value()) return;
    out.set_left_out(graph_->left_out);
    for (size_t i = sent_.services; i < next_.services; ++i) {
      FillRow(graph_->services[i], *out.add_services());
    }
    for (size_t i = sent_.edges; i < next_.edges; ++i) {
      FillRow(graph_->edges[i], *out.add_edges());
    }
    for (size_t i = sent_.subscriptions; i < next_.subscriptions; ++i) {
      FillRow(graph_->subscriptions[i], *out.add_subscriptions());
    }
  }

 private:
  static void MoveOn(size_t rows, size_t& next, size_t& left) {
    const size_t taken = std::min(left, rows - next);
    next += taken;
    left -= taken;
  }

  graph::GraphKeeper& graphs_;
  const Position head_;
  Position position_;
  std::optional<ServiceGraph> graph_;
  GraphPlace sent_;
  GraphPlace next_;
};

}  // namespace

void AdminService::GetServiceGraph(ServerCall& call) {
  WalkReactor<GraphWalk, admin::v1::GetServiceGraphResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutGraph(caller, std::move(go));
      },
      [&engine = parts_.engine] { return std::make_unique<GraphWalk>(engine); },
      [](const GraphWalk& walk, admin::v1::GetServiceGraphResponse& out) { walk.Fill(out); });
}

}  // namespace nexus::rpc
