#include "rpc/audit_service.h"

#include <algorithm>
#include <utility>

#include "rpc/convert.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

constexpr size_t kEventsDefault = 1'000;
constexpr size_t kEventsMax = 10'000;
// A node without its texts, about; an answer has less than 4 MiB.
constexpr size_t kNodeBytes = 128;
constexpr size_t kAnswerBytesMax = 3 << 20;

void FillNode(trace::TraceNode&& node, v1::TraceNode& out) {
  out.set_kind(node.kind == trace::NodeKind::kCommand ? v1::TraceNode::KIND_COMMAND
                                                      : v1::TraceNode::KIND_EVENT);
  out.set_id(std::move(node.id));
  out.set_type(std::move(node.type));
  out.set_depth(node.depth);
  out.set_causation_id(std::move(node.causation_id));
  out.set_cause_is_missing(node.cause_is_missing);
  out.set_principal(std::move(node.principal));
  FillTimestamp(node.recorded, *out.mutable_recorded_time());
  out.set_position(node.position.value);
  if (node.kind == trace::NodeKind::kCommand) return;
  out.set_stream(std::move(node.stream));
  out.set_revision(node.revision.value);
  out.set_schema_version(node.schema_version);
  out.set_policy_revision(std::move(node.policy_revision));
  out.set_decision_id(std::move(node.decision_id));
  out.set_traceparent(std::move(node.traceparent));
}

void FillTrace(trace::Trace&& trace, v1::TraceResponse& out) {
  out.set_correlation_id(std::move(trace.correlation_id));
  out.set_more(trace.more);
  size_t bytes = 0;
  for (trace::TraceNode& node : trace.nodes) {
    FillNode(std::move(node), *out.add_nodes());
    bytes += kNodeBytes + out.nodes(out.nodes_size() - 1).ByteSizeLong();
    if (bytes < kAnswerBytesMax) continue;
    out.set_more(true);
    return;
  }
}

}  // namespace

void AuditService::AddTo(MethodTable& table) {
  table.Add(kAuditService, "Trace", Unary(parts_, *this, &AuditService::Trace));
}

void AuditService::Trace(UnaryPtr<v1::TraceRequest, v1::TraceResponse> call) {
  trace::TraceQuery query;
  query.id = call->request().id();
  query.position = Position(call->request().position());
  const size_t wanted = call->request().events_max();
  query.events_max = wanted == 0 ? kEventsDefault : std::min(wanted, kEventsMax);
  tracer_.Find(std::move(query), std::move(call->caller()),
               [call](absl::StatusOr<trace::Trace> trace) {
                 if (trace.ok()) FillTrace(*std::move(trace), call->response());
                 call->Finish(trace.status());
               });
}

}  // namespace nexus::rpc
