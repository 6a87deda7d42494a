#include "cli/route_text.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string StatusJson(const admin::v1::RouteStatus& status) {
  JsonObject json;
  json.Text("state", RouteStateText(status)).Text("sink", status.sink());
  json.Number("checkpoint", status.checkpoint()).Number("head", status.head());
  json.Number("lag_events", status.lag_events());
  json.Real("lag_seconds", absl::ToDoubleSeconds(DurationOf(status.lag())));
  json.Number("matched", status.matched()).Number("delivered", status.delivered());
  json.Number("failed", status.failed()).Number("retried", status.retried());
  json.Number("dead_lettered", status.dead_lettered()).Number("pending", status.pending());
  json.Number("in_flight", status.in_flight());
  json.Number("blocked_streams", status.blocked_streams());
  json.Number("parked_streams", status.parked_streams());
  json.Text("breaker", status.breaker()).Text("detail", status.detail());
  return json.Take();
}

}  // namespace

Timestamp TimeOf(const google::protobuf::Timestamp& time) {
  return Timestamp{time.seconds() * 1'000'000 + time.nanos() / 1'000};
}

std::string DurationText(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Trunc(DurationOf(duration), absl::Milliseconds(1)));
}

std::string RouteStateText(const admin::v1::RouteStatus& status) {
  switch (status.state()) {
    case admin::v1::ROUTE_STATE_RUNNING:
      return status.detail().empty() ? "running" : "troubled";
    case admin::v1::ROUTE_STATE_PAUSED:
      return "paused";
    case admin::v1::ROUTE_STATE_FAILED:
      return "failed";
    default:
      return "starting";
  }
}

std::string RouteJson(const admin::v1::Route& route) {
  JsonObject json;
  json.Text("name", route.name()).Text("revision", route.revision());
  json.Bool("paused", route.paused()).Bool("configured", route.configured());
  json.Raw("declaration", route.declaration());
  if (route.has_change_time()) json.Text("changed", TimeText(TimeOf(route.change_time())));
  json.Text("changed_by", route.changed_by());
  if (route.has_status()) json.Raw("status", StatusJson(route.status()));
  std::vector<std::string> replays;
  for (const admin::v1::RouteReplay& replay : route.replays()) {
    JsonObject one;
    one.Number("id", replay.id()).Number("from", replay.from()).Number("to", replay.to());
    one.Text("started", TimeText(TimeOf(replay.start_time())));
    one.Text("started_by", replay.started_by());
    one.Bool("ended", replay.ended()).Text("outcome", replay.outcome());
    if (replay.has_status()) one.Raw("status", StatusJson(replay.status()));
    replays.push_back(one.Take());
  }
  json.Raw("replays", JsonArray(replays));
  return json.Take();
}

std::string DeadLetterStateText(const admin::v1::DeadLetter& letter) {
  if (letter.skipped()) return "skipped";
  return letter.retrying() ? "retrying" : "waits";
}

std::string DeadLetterJson(const admin::v1::DeadLetter& letter) {
  JsonObject json;
  json.Number("id", letter.id()).Text("route", letter.route()).Text("sink", letter.sink());
  json.Text("stream", letter.stream()).Number("revision", letter.revision());
  json.Number("position", letter.position()).Text("event_id", letter.event_id());
  json.Text("type", letter.type()).Number("attempts", letter.attempts());
  json.Text("class", letter.error_class()).Text("error", letter.error());
  json.Bool("parked", letter.parked()).Text("state", DeadLetterStateText(letter));
  json.Text("recorded", TimeText(TimeOf(letter.create_time())));
  json.Text("decided_by", letter.decided_by()).Text("comment", letter.comment());
  return json.Take();
}

}  // namespace nexus::cli
