// The service graph: the client's part.

#include <utility>

#include "client/convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

GraphSightings SightingsOf(const admin::v1::GraphSightings& in) {
  return {in.events(), Position(in.first_position()), Position(in.last_position()),
          FromProto(in.last_time())};
}

GraphService RowOf(const admin::v1::GraphService& in) {
  return {in.name(),
          {in.principals().begin(), in.principals().end()},
          in.causes_unresolved(),
          SightingsOf(in.seen())};
}

GraphEdge RowOf(const admin::v1::GraphEdge& in) {
  return {static_cast<GraphEdgeKind>(in.kind()),
          in.service(),
          in.peer(),
          in.category(),
          in.type(),
          static_cast<CallEvidence>(in.evidence()),
          SightingsOf(in.seen())};
}

GraphSubscription RowOf(const admin::v1::GraphSubscription& in) {
  return {in.principal(), in.place(), in.type(), in.times(), FromProto(in.last_time())};
}

}  // namespace

absl::StatusOr<ServiceGraph> Client::GetServiceGraph(
    absl::FunctionRef<void(Position position, Position head)> on_progress) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  const auto reader = parts_->admin->GetServiceGraph(call.context(), {});
  admin::v1::GetServiceGraphResponse response;
  ServiceGraph graph;
  while (reader->Read(&response)) {
    graph.position = Position(response.position());
    graph.left_out = response.left_out();
    for (const auto& row : response.services()) graph.services.push_back(RowOf(row));
    for (const auto& row : response.edges()) graph.edges.push_back(RowOf(row));
    for (const auto& row : response.subscriptions()) graph.subscriptions.push_back(RowOf(row));
    on_progress(graph.position, Position(response.head()));
  }
  NEXUS_RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  if (response.done()) return graph;
  return MakeError(ErrorReason::kNotReady, "the server ended the call early");
}

}  // namespace nexus::client
