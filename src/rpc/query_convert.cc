#include "rpc/query_convert.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

using temporal::PastPoint;

// Not set is now; set without a kind is a mistake that must not become one about the past.
absl::StatusOr<PastPoint> PointOf(const char* field, const v1::PastPoint& point) {
  switch (point.point_case()) {
    case v1::PastPoint::kTime:
      return PastPoint::At(ToTimestamp(point.time()));
    case v1::PastPoint::kPosition:
      return PastPoint::At(Position(point.position()));
    case v1::PastPoint::kRevision:
      return PastPoint::At(Revision(point.revision()));
    case v1::PastPoint::POINT_NOT_SET:
      break;
  }
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat(field,
                                " must name a time, a position or a revision, or be left "
                                "out"));
}

template <typename Request>
temporal::PastQuery Begin(temporal::QueryKind kind, Request& request) {
  temporal::PastQuery query;
  query.kind = kind;
  query.stream = std::move(*request.mutable_subject()->mutable_stream());
  query.merge_patch = request.subject().merge_patch();
  query.continuation = std::move(*request.mutable_continuation());
  return query;
}

template <typename Request>
absl::Status TakeRange(const Request& request, temporal::PastQuery& query) {
  if (request.has_from()) {
    NEXUS_ASSIGN_OR_RETURN(query.from, PointOf("from", request.from()));
  }
  if (request.has_to()) {
    NEXUS_ASSIGN_OR_RETURN(query.to, PointOf("to", request.to()));
  }
  return absl::OkStatus();
}

void FillEvent(const temporal::PastEvent& event, v1::PastEvent& out) {
  out.set_revision(event.revision.value);
  out.set_position(event.position.value);
  FillTimestamp(event.recorded, *out.mutable_recorded_time());
}

template <typename Response>
void FillCommon(temporal::PastAnswer& answer, Response& out) {
  v1::PastFold& fold = *out.mutable_fold();
  fold.set_aggregate(std::move(answer.fold.aggregate));
  fold.set_code_digest(std::move(answer.fold.code_digest));
  fold.set_events_read(answer.fold.events_read);
  fold.set_events_left_out(answer.fold.events_left_out);
  if (answer.fold.snapshot_revision.has_value()) {
    fold.set_snapshot_revision(answer.fold.snapshot_revision->value);
  }
  out.set_continuation(std::move(answer.continuation));
}

}  // namespace

absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::StateAsOfRequest&& request) {
  temporal::PastQuery query = Begin(temporal::QueryKind::kStateAsOf, request);
  if (request.has_as_of()) {
    NEXUS_ASSIGN_OR_RETURN(query.to, PointOf("as_of", request.as_of()));
  }
  return query;
}

absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::DiffRequest&& request) {
  temporal::PastQuery query = Begin(temporal::QueryKind::kDiff, request);
  NEXUS_RETURN_IF_ERROR(TakeRange(request, query));
  return query;
}

absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::FieldHistoryRequest&& request) {
  temporal::PastQuery query = Begin(temporal::QueryKind::kFieldHistory, request);
  query.pointer = std::move(*request.mutable_pointer());
  NEXUS_RETURN_IF_ERROR(TakeRange(request, query));
  return query;
}

void FillPastAnswer(temporal::PastAnswer&& answer, v1::StateAsOfResponse& out) {
  FillCommon(answer, out);
  out.set_state(std::move(answer.state));
  if (answer.last.has_value()) FillEvent(*answer.last, *out.mutable_last());
  out.set_position(answer.position.value);
}

void FillPastAnswer(temporal::PastAnswer&& answer, v1::DiffResponse& out) {
  FillCommon(answer, out);
  for (temporal::FieldChange& change : answer.changes) {
    v1::FieldChange& row = *out.add_changes();
    row.set_pointer(std::move(change.pointer));
    if (change.before.has_value()) row.set_before(*std::move(change.before));
    if (change.after.has_value()) row.set_after(*std::move(change.after));
  }
  out.set_changes_left_out(answer.changes_left_out);
  if (answer.from.has_value()) FillEvent(*answer.from, *out.mutable_from());
  if (answer.last.has_value()) FillEvent(*answer.last, *out.mutable_to());
  out.set_events(answer.events_between);
}

void FillPastAnswer(temporal::PastAnswer&& answer, v1::FieldHistoryResponse& out) {
  FillCommon(answer, out);
  for (temporal::FieldValue& value : answer.values) {
    v1::FieldValue& row = *out.add_values();
    if (value.event.has_value()) FillEvent(*value.event, *row.mutable_event());
    row.set_event_id(std::move(value.event_id));
    row.set_type(std::move(value.type));
    row.set_principal(std::move(value.principal));
    row.set_correlation_id(std::move(value.correlation_id));
    if (value.value.has_value()) row.set_value(*std::move(value.value));
  }
}

}  // namespace nexus::rpc
