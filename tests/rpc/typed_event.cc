#include "rpc/typed_event.h"

#include <string>

#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

std::string Text(absl::string_view s) { return std::string(s.data(), s.size()); }

void FillRouting(const RoutingHints& hints, v1::RoutingHints& out) {
  out.set_criticality(static_cast<v1::Criticality>(hints.criticality));
  out.set_business_impact(hints.business_impact);
  out.set_requires_ordering(hints.requires_ordering);
  out.set_max_latency_ms(hints.max_latency_ms);
}

}  // namespace

void FillEvent(const RecordedEvent& event, v1::Event& out) {
  out.set_event_id(event.id.ToString());
  out.set_stream(Text(event.stream));
  out.set_revision(event.revision.value);
  out.set_position(event.position.value);
  out.set_type(Text(event.type));
  out.set_schema_version(event.schema_version);
  out.set_content_type(Text(event.content_type));
  out.set_data(event.data.data(), event.data.size());
  for (absl::string_view tag : event.tags) out.add_tags(tag.data(), tag.size());
  for (const auto& [key, value] : event.metadata) {
    (*out.mutable_metadata())[Text(key)] = Text(value);
  }
  if (event.routing != RoutingHints()) FillRouting(event.routing, *out.mutable_routing());
  out.set_correlation_id(Text(event.correlation_id));
  out.set_causation_id(Text(event.causation_id));
  out.set_traceparent(Text(event.traceparent));
  out.set_tracestate(Text(event.tracestate));
  out.set_commit_id(event.commit_id.ToString());
  FillTimestamp(event.recorded, *out.mutable_recorded_time());
  v1::Admission& admission = *out.mutable_admission();
  admission.set_principal(Text(event.principal));
  admission.set_decision_id(Text(event.decision_id));
  admission.set_policy_revision(Text(event.policy_revision));
  admission.set_governance_epoch(event.governance_epoch);
  admission.set_method(Text(event.method));
  admission.set_request_digest(Text(event.request_digest));
  admission.set_input_digest(Text(event.input_digest));
  admission.set_outcomes(Text(event.outcomes));
  out.set_data_version(event.data_version);
  if (event.gap_version == 0) return;
  out.mutable_evolution_gap()->set_wanted_version(event.gap_version);
  out.mutable_evolution_gap()->set_reason(Text(event.gap_reason));
}

}  // namespace nexus::rpc
