#include "client/convert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/filter_convert.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

void FillRouting(const RoutingHints& hints, v1::RoutingHints& out) {
  out.set_criticality(static_cast<v1::Criticality>(hints.criticality));
  out.set_business_impact(hints.business_impact);
  out.set_requires_ordering(hints.requires_ordering);
  out.set_max_latency_ms(hints.max_latency_ms);
}

void FillEvent(const EventDraft& event, v1::NewEvent& out) {
  out.set_event_id(event.event_id);
  out.set_type(event.type);
  out.set_schema_version(event.schema_version);
  out.set_content_type(event.content_type);
  out.set_data(event.data);
  for (const std::string& tag : event.tags) out.add_tags(tag);
  for (const auto& [key, value] : event.metadata) (*out.mutable_metadata())[key] = value;
  if (event.routing != RoutingHints()) FillRouting(event.routing, *out.mutable_routing());
  out.set_correlation_id(event.correlation_id);
  out.set_causation_id(event.causation_id);
  out.set_traceparent(event.traceparent);
  out.set_tracestate(event.tracestate);
}

RoutingHints FromProto(const v1::RoutingHints& hints) {
  RoutingHints out;
  if (v1::Criticality_IsValid(hints.criticality())) {
    out.criticality = static_cast<Criticality>(hints.criticality());
  }
  out.business_impact = hints.business_impact();
  out.requires_ordering = hints.requires_ordering();
  out.max_latency_ms = hints.max_latency_ms();
  return out;
}

absl::Status NotNexus(absl::string_view what) {
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("the server's answer holds ", what, " that is not valid"));
}

}  // namespace

void FillExpected(const ExpectedRevision& expected, v1::ExpectedRevision& out) {
  switch (expected.kind) {
    case ExpectedRevision::Kind::kAny:
      out.mutable_any();
      break;
    case ExpectedRevision::Kind::kNoStream:
      out.mutable_no_stream();
      break;
    case ExpectedRevision::Kind::kStreamExists:
      out.mutable_stream_exists();
      break;
    case ExpectedRevision::Kind::kExact:
      out.set_exact(expected.exact.value);
      break;
  }
}

v1::AppendRequest ToProto(const CommitDraft& draft) {
  v1::AppendRequest request;
  request.set_commit_id(draft.commit_id);
  for (const StreamDraft& stream : draft.streams) {
    v1::StreamAppend& out = *request.add_streams();
    out.set_stream(stream.stream);
    FillExpected(stream.expected, *out.mutable_expected_revision());
    for (const EventDraft& event : stream.events) FillEvent(event, *out.add_events());
  }
  for (const ConditionDraft& condition : draft.conditions) {
    v1::AppendCondition& out = *request.add_conditions();
    FillFilter(condition.fail_if_match, *out.mutable_fail_if_match());
    out.set_after(condition.after.value);
  }
  return request;
}

absl::StatusOr<CommitReceipt> FromProto(const v1::AppendResponse& response) {
  CommitReceipt receipt;
  const absl::StatusOr<CommitId> id = CommitId::Parse(response.commit_id());
  if (!id.ok()) return NotNexus("a commit id");
  receipt.id = *id;
  receipt.first = Position(response.first_position());
  receipt.last = Position(response.last_position());
  receipt.recorded = FromProto(response.recorded_time());
  receipt.repeated = response.repeated_commit();
  for (const v1::StreamResult& stream : response.streams()) {
    StreamOutcome outcome;
    absl::StatusOr<StreamName> name = StreamName::Parse(stream.stream());
    if (!name.ok()) return NotNexus("a stream name");
    outcome.stream = *std::move(name);
    if (stream.has_first_revision()) {
      outcome.first = Revision(stream.first_revision());
      outcome.last = Revision(stream.last_revision());
      outcome.events = static_cast<uint32_t>(stream.last_revision() - stream.first_revision() + 1);
    }
    receipt.streams.push_back(std::move(outcome));
  }
  for (const v1::AppendWarning& warning : response.warnings()) {
    receipt.warnings.push_back(
        {warning.field(), warning.pointer(), warning.message(), warning.rule()});
  }
  return receipt;
}

absl::StatusOr<RecordedEvent> FromProto(const v1::Event& event) {
  RecordedEvent out;
  const absl::StatusOr<EventId> id = EventId::Parse(event.event_id());
  const absl::StatusOr<CommitId> commit = CommitId::Parse(event.commit_id());
  if (!id.ok() || !commit.ok()) return NotNexus("an event or commit id");
  out.id = *id;
  out.commit_id = *commit;
  out.position = Position(event.position());
  out.revision = Revision(event.revision());
  out.recorded = FromProto(event.recorded_time());
  out.stream = event.stream();
  out.type = event.type();
  out.schema_version = event.schema_version();
  out.content_type = event.content_type();
  out.data = event.data();
  out.tags.assign(event.tags().begin(), event.tags().end());
  for (const auto& [key, value] : event.metadata()) out.metadata.emplace_back(key, value);
  // The wire's map has no order; what people see should.
  std::sort(out.metadata.begin(), out.metadata.end());
  out.routing = FromProto(event.routing());
  out.correlation_id = event.correlation_id();
  out.causation_id = event.causation_id();
  out.traceparent = event.traceparent();
  out.tracestate = event.tracestate();
  out.principal = event.admission().principal();
  out.decision_id = event.admission().decision_id();
  out.policy_revision = event.admission().policy_revision();
  out.governance_epoch = event.admission().governance_epoch();
  out.method = event.admission().method();
  out.request_digest = event.admission().request_digest();
  out.input_digest = event.admission().input_digest();
  out.outcomes = event.admission().outcomes();
  out.data_version = event.data_version();
  out.gap_version = event.evolution_gap().wanted_version();
  out.gap_reason = event.evolution_gap().reason();
  return out;
}

StreamInfo FromProto(const v1::Stream& stream) {
  StreamInfo info;
  info.name = stream.stream();
  info.last_revision = Revision(stream.last_revision());
  info.first_position = Position(stream.first_position());
  info.last_position = Position(stream.last_position());
  info.created = FromProto(stream.create_time());
  info.updated = FromProto(stream.update_time());
  return info;
}

Schema FromProto(const v1::Schema& schema) {
  Schema out;
  out.subject = schema.subject();
  out.version = schema.version();
  out.definition = schema.definition();
  out.digest = schema.digest();
  out.registered_by = schema.registered_by();
  out.registered = FromProto(schema.register_time());
  out.comment = schema.comment();
  out.id = schema.id();
  out.guid = schema.guid();
  out.format = static_cast<SchemaFormat>(schema.format());  // the same numbers
  for (const v1::SchemaReference& reference : schema.references()) {
    out.references.push_back({reference.name(), reference.subject(), reference.version()});
  }
  out.deleted = schema.state() == v1::SCHEMA_STATE_DELETED;
  ClassifiedFieldsList classified;
  for (const v1::ClassifiedField& field : schema.classified_fields()) {
    classified.Add(field.path(), {field.data_class(), field.subject_key()});
  }
  if (schema.classified_fields_truncated()) classified.Cut();
  out.classified = classified.Take();
  return out;
}

ServerStatus FromProto(const admin::v1::GetStatusResponse& status) {
  ServerStatus out;
  out.version = status.version();
  out.started = FromProto(status.start_time());
  out.uptime =
      absl::Seconds(status.uptime().seconds()) + absl::Nanoseconds(status.uptime().nanos());
  out.head = Position(status.head());
  out.ready = status.ready();
  for (const auto& part : status.components()) {
    out.components.push_back({part.name(), part.ok(), part.detail()});
  }
  const admin::v1::Limits& limits = status.limits();
  out.limits = {limits.event_bytes_max(),      limits.commit_bytes_max(),
                limits.commit_events_max(),    limits.tags_max(),
                limits.metadata_bytes_max(),   limits.json_depth_max(),
                limits.stream_name_bytes_max()};
  for (const auto& sink : status.sinks()) {
    out.sinks.push_back({sink.name(), sink.ok(), sink.detail(), Position(sink.checkpoint()),
                         sink.lag_events(), sink.delivered()});
  }
  out.data_folder = status.data_folder();
  out.incarnation = status.incarnation();
  return out;
}

Timestamp FromProto(const google::protobuf::Timestamp& time) {
  return Timestamp{time.seconds() * 1'000'000 + time.nanos() / 1'000};
}

void FillTimestamp(Timestamp time, google::protobuf::Timestamp& out) {
  // Nanoseconds count forwards from the second below, before 1970 too.
  int64_t seconds = time.micros / 1'000'000;
  int64_t rest = time.micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(rest * 1'000));
}

}  // namespace nexus::client
