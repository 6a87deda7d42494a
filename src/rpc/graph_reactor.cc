#include "rpc/graph_reactor.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "nexus/admin/v1/admin.pb.h"
#include "nexus/core/errors.h"
#include "nexus/core/service_graph.h"
#include "rpc/convert.h"
#include "rpc/fenced_call.h"
#include "rpc/transport/message_bytes.h"

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

// Moves the cursor over a list of the graph, at most `left` rows.
template <typename Rows, typename Add>
void FillRows(const Rows& rows, size_t& next, size_t& left, Add add) {
  while (left > 0 && next < rows.size()) {
    FillRow(rows[next], *add());
    ++next;
    --left;
  }
}

// A step on a worker, then its message, then the next step: never two at a time.
class GraphReactor : public FencedCall, public std::enable_shared_from_this<GraphReactor> {
 public:
  GraphReactor(ServerCall& call, const ServiceParts& parts)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())) {}

  void Begin() {
    if (!caller_.ok()) return FinishOnce(caller_.status());
    const auto go = [self = shared_from_this()](const absl::Status& asked) {
      if (!asked.ok()) return self->FinishOnce(asked);
      self->head_ = self->parts_.engine.Head();
      self->Go();
    };
    parts_.engine.questions().AskAboutGraph(*caller_, go);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
    } else if (response_.done()) {
      FinishOnce(absl::OkStatus());
    } else {
      Go();
    }
  }

 private:
  void Go() {
    if (ending()) return;
    const bool accepted =
        parts_.engine.workers().TrySubmit([self = shared_from_this()] { self->Step(); });
    if (accepted) return;
    FinishOnce(MakeError(ErrorReason::kOverloaded, "too much waits for the workers: try later"));
  }

  void Step() {
    if (ending()) return;
    response_.Clear();
    response_.set_head(head_.value);
    if (graph_.has_value()) {
      FillPart();
    } else if (const absl::Status status = Advance(); !status.ok()) {
      return FinishOnce(status);
    }
    StartWrite(ToBytes(response_));
  }

  absl::Status Advance() {
    const absl::StatusOr<Position> reached = parts_.engine.graph().Advance();
    if (!reached.ok()) return reached.status();
    response_.set_position(std::min(reached->value, head_.value));
    if (*reached >= head_) {
      graph_ = parts_.engine.graph().Graph();
      FillPart();
    }
    return absl::OkStatus();
  }

  void FillPart() {
    size_t left = kRowsMax;
    response_.set_position(graph_->position.value);
    response_.set_left_out(graph_->left_out);
    FillRows(graph_->services, services_, left, [&] { return response_.add_services(); });
    FillRows(graph_->edges, edges_, left, [&] { return response_.add_edges(); });
    FillRows(graph_->subscriptions, subscriptions_, left,
             [&] { return response_.add_subscriptions(); });
    response_.set_done(services_ == graph_->services.size() && edges_ == graph_->edges.size() &&
                       subscriptions_ == graph_->subscriptions.size());
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  Position head_;
  std::optional<ServiceGraph> graph_;
  size_t services_ = 0;  // that were sent, as the two that follow
  size_t edges_ = 0;
  size_t subscriptions_ = 0;
  admin::v1::GetServiceGraphResponse response_;
};

}  // namespace

void BeginServiceGraph(ServerCall& call, const ServiceParts& parts) {
  auto reactor = std::make_shared<GraphReactor>(call, parts);
  call.Attach(reactor);
  reactor->Begin();
}

}  // namespace nexus::rpc
