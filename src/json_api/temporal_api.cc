#include "json_api/temporal_api.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "http/target.h"
#include "json_api/http_caller.h"
#include "json_api/problem.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::json_api {
namespace {

using temporal::PastPoint;
using temporal::QueryKind;

constexpr absl::string_view kPastPrefix = "/api/queries/temporal";
constexpr absl::Duration kPastTimeout = absl::Seconds(35);  // what one query may take, and its turn

// "2026-01-31T12:00:00Z", "position:7" or "revision:3".
absl::StatusOr<PastPoint> PointOf(absl::string_view name, const std::string& text) {
  uint64_t number = 0;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "position:") && absl::SimpleAtoi(rest, &number)) {
    return PastPoint::At(Position(number));
  }
  rest = text;
  if (absl::ConsumePrefix(&rest, "revision:") && absl::SimpleAtoi(rest, &number)) {
    return PastPoint::At(Revision(number));
  }
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return PastPoint::At(Timestamp{absl::ToUnixMicros(time)});
  }
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat(name,
                                ": neither a time such as 2026-01-31T12:00:00Z, nor "
                                "position:N, nor revision:N"));
}

absl::StatusOr<temporal::PastQuery> QueryOf(const http::Request& request) {
  const std::vector<std::string> segments = http::SegmentsOf(request.path, kPastPrefix.size());
  const std::string what = segments.size() == 2 ? segments[1] : "";
  temporal::PastQuery query;
  if (segments.size() == 2 && what == "diff") {
    query.kind = QueryKind::kDiff;
  } else if (segments.size() == 2 && what == "history") {
    query.kind = QueryKind::kFieldHistory;
  } else if (segments.size() != 1) {
    return MakeError(ErrorReason::kNotFound,
                     "there are /api/queries/temporal/{stream}, and below it /diff and /history");
  }
  if (request.method != "GET") {
    return MakeError(ErrorReason::kMalformedRequest, "the past is asked for by GET");
  }
  const http::Parameters parameters(request.query);
  query.stream = segments[0];
  query.merge_patch = parameters.Flag("mergePatch");
  query.continuation = parameters.Text("continuation");
  query.pointer = parameters.Text("pointer");
  const char* const to = query.kind == QueryKind::kStateAsOf ? "asOf" : "to";
  if (const std::string text = parameters.Text(to); !text.empty()) {
    NEXUS_ASSIGN_OR_RETURN(query.to, PointOf(to, text));
  }
  if (const std::string text = parameters.Text("from"); !text.empty()) {
    NEXUS_ASSIGN_OR_RETURN(query.from, PointOf("from", text));
  }
  return query;
}

std::string EventJson(const std::optional<temporal::PastEvent>& event) {
  if (!event.has_value()) return "null";
  return absl::StrCat("{\"revision\":", event->revision.value,
                      ",\"position\":", event->position.value, ",\"recorded\":\"",
                      TimeText(event->recorded), "\"}");
}

void AppendState(const temporal::PastAnswer& answer, std::string& out) {
  absl::StrAppend(&out, ",\"version\":",
                  answer.last.has_value() ? absl::StrCat(answer.last->revision.value) : "null",
                  ",\"last\":", EventJson(answer.last), ",\"position\":", answer.position.value);
  if (answer.continuation.empty()) absl::StrAppend(&out, ",\"state\":", answer.state);
}

void AppendDiff(const temporal::PastAnswer& answer, std::string& out) {
  absl::StrAppend(&out, ",\"from\":", EventJson(answer.from), ",\"to\":", EventJson(answer.last),
                  ",\"events\":", answer.events_between, ",\"changes\":[");
  bool first = true;
  for (const temporal::FieldChange& change : answer.changes) {
    absl::StrAppend(&out, std::exchange(first, false) ? "" : ",",
                    "{\"pointer\":", JsonString(change.pointer));
    if (change.before.has_value()) absl::StrAppend(&out, ",\"before\":", *change.before);
    if (change.after.has_value()) absl::StrAppend(&out, ",\"after\":", *change.after);
    out.push_back('}');
  }
  absl::StrAppend(&out, "],\"changesLeftOut\":", answer.changes_left_out);
}

void AppendHistory(const temporal::PastAnswer& answer, std::string& out) {
  absl::StrAppend(&out, ",\"values\":[");
  bool first = true;
  for (const temporal::FieldValue& value : answer.values) {
    absl::StrAppend(&out, std::exchange(first, false) ? "" : ",",
                    "{\"event\":", EventJson(value.event));
    if (value.event.has_value()) {
      absl::StrAppend(&out, ",\"eventId\":", JsonString(value.event_id),
                      ",\"type\":", JsonString(value.type),
                      ",\"principal\":", JsonString(value.principal),
                      ",\"correlationId\":", JsonString(value.correlation_id));
    }
    if (value.value.has_value()) absl::StrAppend(&out, ",\"value\":", *value.value);
    out.push_back('}');
  }
  out.push_back(']');
}

// 206: there is more, by the continuation.
http::Response AnswerOf(const std::string& stream, QueryKind kind,
                        const temporal::PastAnswer& answer) {
  http::Response response;
  response.status = answer.continuation.empty() ? 200 : 206;
  response.content_type = "application/json";
  std::string& body = response.body;
  absl::StrAppend(&body, "{\"stream\":", JsonString(stream), ",\"aggregate\":",
                  answer.fold.aggregate.empty() ? "null" : JsonString(answer.fold.aggregate));
  switch (kind) {
    case QueryKind::kStateAsOf:
      AppendState(answer, body);
      break;
    case QueryKind::kDiff:
      AppendDiff(answer, body);
      break;
    case QueryKind::kFieldHistory:
      AppendHistory(answer, body);
      break;
  }
  absl::StrAppend(&body, ",\"eventsRead\":", answer.fold.events_read,
                  ",\"eventsLeftOut\":", answer.fold.events_left_out);
  if (!answer.continuation.empty()) {
    absl::StrAppend(&body, ",\"continuation\":\"", answer.continuation, "\"");
  }
  body.append("}\n");
  return response;
}

}  // namespace

http::Area TemporalApi::Area() {
  return {std::string(kPastPrefix), 0, [this](http::Request request, http::Reply reply) {
            Answer(std::move(request), std::move(reply));
          }};
}

void TemporalApi::Answer(http::Request request, http::Reply reply) {
  // Whoever may not ask for the past of anything learns nothing here.
  absl::StatusOr<engine::Caller> caller =
      CallerOf(request, kOperation, kPastTimeout, parts_.guard, parts_.clock);
  if (!caller.ok()) return reply(ProblemOf(caller.status()));
  absl::StatusOr<temporal::PastQuery> query = QueryOf(request);
  if (!query.ok()) return reply(ProblemOf(query.status()));
  parts_.queries.Ask(
      *query, *std::move(caller),
      [stream = query->stream, kind = query->kind,
       reply = std::move(reply)](absl::StatusOr<temporal::PastAnswer> answer) mutable {
        reply(answer.ok() ? AnswerOf(stream, kind, *answer) : ProblemOf(answer.status()));
      });
}

}  // namespace nexus::json_api
