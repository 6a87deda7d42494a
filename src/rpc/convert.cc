#include "rpc/convert.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "nexus/core/stream_name.h"
#include "rpc/filter_convert.h"

namespace nexus::rpc {
namespace {

std::string Text(absl::string_view s) { return std::string(s.data(), s.size()); }

// Takes a text out of a message, which is left with an empty one. A field that is not set stays so.
template <typename Message>
std::string Take(Message& message, const std::string& (Message::*get)() const,
                 std::string* (Message::*change)()) {
  if ((message.*get)().empty()) return {};
  return std::move(*(message.*change)());
}

void TakeEvent(v1::NewEvent& event, engine::EventDraft& draft) {
  using E = v1::NewEvent;
  draft.event_id = Take(event, &E::event_id, &E::mutable_event_id);
  draft.type = Take(event, &E::type, &E::mutable_type);
  draft.schema_version = event.schema_version();
  draft.content_type = Take(event, &E::content_type, &E::mutable_content_type);
  draft.data = Take(event, &E::data, &E::mutable_data);
  if (!event.tags().empty()) {
    draft.tags.assign(std::make_move_iterator(event.mutable_tags()->begin()),
                      std::make_move_iterator(event.mutable_tags()->end()));
  }
  if (!event.metadata().empty()) {
    draft.metadata.reserve(event.metadata().size());
    for (auto& [key, value] : *event.mutable_metadata()) {
      draft.metadata.emplace_back(key, std::move(value));
    }
  }
  if (event.has_routing()) draft.routing = ToHints(event.routing());
  draft.correlation_id = Take(event, &E::correlation_id, &E::mutable_correlation_id);
  draft.causation_id = Take(event, &E::causation_id, &E::mutable_causation_id);
  draft.traceparent = Take(event, &E::traceparent, &E::mutable_traceparent);
  draft.tracestate = Take(event, &E::tracestate, &E::mutable_tracestate);
}

}  // namespace

std::optional<ExpectedRevision> ToExpected(const v1::ExpectedRevision& expected) {
  switch (expected.kind_case()) {
    case v1::ExpectedRevision::kAny:
      return ExpectedRevision::Any();
    case v1::ExpectedRevision::kNoStream:
      return ExpectedRevision::NoStream();
    case v1::ExpectedRevision::kStreamExists:
      return ExpectedRevision::StreamExists();
    case v1::ExpectedRevision::kExact:
      return ExpectedRevision::Exactly(expected.exact());
    case v1::ExpectedRevision::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

RoutingHints ToHints(const v1::RoutingHints& hints) {
  RoutingHints out;
  // An unknown enum value of proto3 must not wrap into a known one.
  const int criticality = hints.criticality();
  out.criticality =
      static_cast<Criticality>(v1::Criticality_IsValid(criticality) ? criticality : UINT8_MAX);
  out.business_impact = hints.business_impact();
  out.requires_ordering = hints.requires_ordering();
  out.max_latency_ms = hints.max_latency_ms();
  return out;
}

engine::CommitDraft ToDraft(const v1::AppendRequest& request) {
  return ToDraft(v1::AppendRequest(request));
}

engine::CommitDraft ToDraft(v1::AppendRequest&& request) {
  engine::CommitDraft draft;
  draft.commit_id =
      Take(request, &v1::AppendRequest::commit_id, &v1::AppendRequest::mutable_commit_id);
  draft.streams.reserve(request.streams_size());
  for (v1::StreamAppend& stream : *request.mutable_streams()) {
    engine::StreamDraft& out = draft.streams.emplace_back();
    out.stream = Take(stream, &v1::StreamAppend::stream, &v1::StreamAppend::mutable_stream);
    out.expected = ToExpected(stream.expected_revision());
    out.events.resize(stream.events_size());
    for (int i = 0; i < stream.events_size(); ++i) {
      TakeEvent(*stream.mutable_events(i), out.events[i]);
    }
  }
  for (const v1::AppendCondition& condition : request.conditions()) {
    draft.conditions.push_back({ToFilter(condition.fail_if_match()), Position(condition.after())});
  }
  return draft;
}

Timestamp ToTimestamp(const google::protobuf::Timestamp& time) {
  // Far beyond what the wire's type allows, and far from an overflow.
  constexpr int64_t kSecondsMax = int64_t{1} << 40;
  const int64_t seconds = std::clamp<int64_t>(time.seconds(), -kSecondsMax, kSecondsMax);
  return Timestamp{seconds * 1'000'000 + (int64_t{time.nanos()} + 999) / 1'000};
}

void FillTimestamp(Timestamp time, google::protobuf::Timestamp& out) {
  int64_t seconds = time.micros / 1'000'000;
  int64_t rest = time.micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(rest * 1'000));
}

void FillReceipt(const CommitReceipt& receipt, v1::AppendResponse& response) {
  response.set_commit_id(receipt.id.ToString());
  response.set_first_position(receipt.first.value);
  response.set_last_position(receipt.last.value);
  FillTimestamp(receipt.recorded, *response.mutable_recorded_time());
  for (const StreamOutcome& stream : receipt.streams) {
    v1::StreamResult& out = *response.add_streams();
    out.set_stream(stream.stream.str());
    if (stream.events == 0) continue;
    out.set_first_revision(stream.first.value);
    out.set_last_revision(stream.last.value);
  }
  response.set_repeated_commit(receipt.repeated);
  for (const AppendWarning& warning : receipt.warnings) {
    FillWarning(warning, *response.add_warnings());
  }
}

void FillWarning(const AppendWarning& warning, v1::AppendWarning& out) {
  out.set_field(warning.field);
  out.set_pointer(warning.pointer);
  out.set_message(warning.message);
  out.set_rule(warning.rule);
}

void FillStream(const StreamInfo& info, v1::Stream& out) {
  out.set_stream(info.name);
  out.set_category(Text(StreamName::CategoryOf(info.name)));
  out.set_last_revision(info.last_revision.value);
  out.set_first_position(info.first_position.value);
  out.set_last_position(info.last_position.value);
  FillTimestamp(info.created, *out.mutable_create_time());
  FillTimestamp(info.updated, *out.mutable_update_time());
}

}  // namespace nexus::rpc
