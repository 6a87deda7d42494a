// RouteService: what became of an event.

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"
#include "rpc/route_calls.h"

namespace nexus::rpc {
namespace {

constexpr double kScoreUnit = 10'000;
constexpr PageLimits kOneEvent = {.events_max = 1, .bytes_max = 1};

void FillDelivery(const Egress& egress, admin::v1::EventDelivery& out) {
  const EgressRow& row = egress.row;
  out.set_route(std::string(absl::StripPrefix(egress.reader, "route/")));
  out.set_place(egress.place);
  if (row.partition >= 0) out.set_partition(row.partition);
  if (row.number >= 0) out.set_number(row.number);
  FillTimestamp(row.delivered, *out.mutable_delivered_time());
  out.set_critical(row.critical);
  out.set_score(row.score / kScoreUnit);
  out.set_rules_version(row.rules);
}

absl::StatusOr<EventBatch> FindEvent(const admin::v1::TraceEventRequest& request,
                                     EventReader& reader) {
  if (request.position() == 0) {
    NEXUS_ASSIGN_OR_RETURN(const StreamName stream, StreamName::Parse(request.stream()));
    return reader.ReadStream(stream, Revision(request.revision()), Direction::kForward, kOneEvent);
  }
  if (request.position() > reader.Head().value) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("the log ends before ", request.position()));
  }
  return reader.ReadAt({Position(request.position())}, kOneEvent);
}

}  // namespace

absl::Status RouteService::Trace(const admin::v1::TraceEventRequest& request,
                                 admin::v1::TraceEventResponse& out) const {
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page, FindEvent(request, *routes_.reader));
  if (page.events.empty()) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat(request.stream(), " has no revision ", request.revision()));
  }
  const RecordedEvent& event = page.events.front();
  out.set_position(event.position.value);
  out.set_stream(std::string(event.stream));
  out.set_revision(event.revision.value);
  out.set_event_id(event.id.ToString());
  out.set_type(std::string(event.type));
  FillTimestamp(event.recorded, *out.mutable_recorded_time());
  if (routes_.ledger != nullptr) {
    NEXUS_ASSIGN_OR_RETURN(const std::vector<Egress> found, routes_.ledger->Find(event.position));
    for (const Egress& egress : found) FillDelivery(egress, *out.add_deliveries());
  }
  NEXUS_ASSIGN_OR_RETURN(const std::vector<route::Letter> letters, routes_.letters->List());
  for (const route::Letter& letter : letters) {
    if (letter.position == event.position) FillLetter(letter, *out.add_dead_letters());
  }
  return absl::OkStatus();
}

void RouteService::TraceEvent(
    Call<admin::v1::TraceEventRequest, admin::v1::TraceEventResponse> call) {
  OnWorker(call, [this, call] { call->Finish(Trace(call->request(), call->response())); });
}

}  // namespace nexus::rpc
