#include "rpc/route_convert.h"

#include "absl/strings/str_cat.h"
#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

void AddFault(const absl::Status& fault, std::string& detail) {
  if (fault.ok()) return;
  absl::StrAppend(&detail, detail.empty() ? "" : "; ", std::string(fault.message()));
}

const char* BreakerName(route::Breaker::State state) {
  switch (state) {
    case route::Breaker::State::kClosed:
      return "closed";
    case route::Breaker::State::kHalfOpen:
      return "half-open";
    case route::Breaker::State::kOpen:
      break;
  }
  return "open";
}

admin::v1::RouteState StateOf(route::RunState state) {
  switch (state) {
    case route::RunState::kRunning:
      return admin::v1::ROUTE_STATE_RUNNING;
    case route::RunState::kPaused:
      return admin::v1::ROUTE_STATE_PAUSED;
    case route::RunState::kFailed:
      break;
  }
  return admin::v1::ROUTE_STATE_FAILED;
}

void FillStatus(const route::RunStatus& status, admin::v1::RouteStatus& out) {
  const route::SinkStatus& sink = status.sink;
  out.set_state(StateOf(status.state));
  out.set_sink(sink.sink);
  out.set_checkpoint(sink.checkpoint.value);
  out.set_head(sink.head.value);
  out.set_lag_events(sink.lag_events);
  const int64_t micros = absl::ToInt64Microseconds(sink.lag);
  out.mutable_lag()->set_seconds(micros / 1'000'000);
  out.mutable_lag()->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  out.set_matched(sink.matched);
  out.set_delivered(sink.delivered);
  out.set_failed(sink.failed);
  out.set_retried(sink.retried);
  out.set_dead_lettered(sink.dead_lettered);
  out.set_pending(sink.pending);
  out.set_in_flight(sink.in_flight);
  out.set_blocked_streams(sink.blocked_lanes);
  out.set_parked_streams(sink.parked_lanes);
  out.set_breaker(BreakerName(sink.breaker));
  std::string detail;
  AddFault(status.error, detail);
  AddFault(sink.health, detail);
  AddFault(sink.last_error, detail);
  out.set_detail(detail);
}

}  // namespace

void FillRoute(const route::RouteRecord& route, const RunStatuses& runs, admin::v1::Route& out) {
  out.set_name(route.declaration.name);
  out.set_declaration(route::RouteText(route.declaration));
  out.set_revision(route.revision);
  out.set_paused(route.paused);
  out.set_configured(route.configured);
  if (!route.configured) FillTimestamp(route.changed, *out.mutable_change_time());
  out.set_changed_by(route.changed_by);
  const std::string run = route::RunOf(route);
  const auto status = runs.find(run);
  if (status != runs.end()) FillStatus(status->second, *out.mutable_status());
  for (const route::ReplayRecord& replay : route.replays) {
    admin::v1::RouteReplay& row = *out.add_replays();
    row.set_id(replay.id);
    row.set_from(replay.from.value);
    row.set_to(replay.to.value);
    FillTimestamp(replay.started, *row.mutable_start_time());
    row.set_started_by(replay.started_by);
    row.set_ended(replay.ended);
    row.set_outcome(replay.outcome);
    const auto again = runs.find(absl::StrCat(run, "#replay-", replay.id));
    if (again != runs.end()) FillStatus(again->second, *row.mutable_status());
  }
}

void FillClassification(const route::Classification& rules, admin::v1::Classification& out) {
  out.set_classification(route::ClassificationText(rules.rules));
  out.set_version(rules.version);
  out.set_revision(rules.revision);
  out.set_position(rules.from.value);
}

void FillLetter(const route::Letter& letter, admin::v1::DeadLetter& out) {
  out.set_id(letter.id);
  out.set_route(letter.route);
  out.set_sink(letter.sink);
  out.set_stream(letter.stream);
  out.set_revision(letter.revision.value);
  out.set_position(letter.position.value);
  out.set_event_id(letter.event_id);
  out.set_type(letter.type);
  out.set_attempts(letter.attempts);
  out.set_error_class(std::string(route::ErrorClassName(letter.error_class)));
  out.set_error(letter.error);
  out.set_parked(letter.fate == route::LetterFate::kParked);
  FillTimestamp(letter.recorded, *out.mutable_create_time());
  out.set_retrying(letter.retrying);
  out.set_skipped(letter.skipped);
  out.set_decided_by(letter.decided_by);
  out.set_comment(letter.comment);
}

void FillTrial(const route::Explanation& explanation, const route::Classification& rules,
               admin::v1::TestRouteResponse& out) {
  const bool critical = explanation.verdict.path == route::Path::kCritical;
  out.set_path(critical ? "critical" : "standard");
  out.set_score(explanation.verdict.score);
  out.set_why(explanation.why);
  out.set_rules_version(rules.version);
  out.set_rules_revision(rules.revision);
  for (const route::ScoreTerm& term : explanation.terms) {
    admin::v1::ScoreTerm& row = *out.add_terms();
    row.set_name(term.name);
    row.set_value(term.value);
    row.set_weight(term.weight);
    row.set_contribution(term.contribution);
  }
  out.set_model(explanation.model);
  out.set_log_odds(explanation.log_odds);
}

void FillTrials(const std::vector<route::RouteTrial>& trials, admin::v1::TestRouteResponse& out) {
  for (const route::RouteTrial& trial : trials) {
    admin::v1::RouteTrial& row = *out.add_routes();
    row.set_route(trial.route);
    row.set_matches(trial.matches);
    row.set_why_not(trial.why_not);
    row.set_key(trial.key);
    row.set_paused(trial.paused);
  }
}

void FillSimulation(const route::Simulation& simulation, admin::v1::SimulateRoutesResponse& out) {
  out.set_from(simulation.from.value);
  out.set_to(simulation.to.value);
  out.set_events(simulation.events);
  out.set_critical_before(simulation.critical_before);
  out.set_critical_after(simulation.critical_after);
  out.set_unrouted_before(simulation.unrouted_before);
  out.set_unrouted_after(simulation.unrouted_after);
  for (const auto& [name, route] : simulation.routes) {
    admin::v1::SimulatedRoute& row = *out.add_routes();
    row.set_name(name);
    row.set_before(route.before);
    row.set_after(route.after);
    row.set_gained(route.gained);
    row.set_lost(route.lost);
  }
  for (const route::Simulation::Sample& sample : simulation.samples) {
    admin::v1::SimulatedEvent& row = *out.add_samples();
    row.set_position(sample.position.value);
    row.set_stream(sample.stream);
    row.set_type(sample.type);
    row.set_route(sample.route);
    row.set_gained(sample.gained);
  }
}

bool IsAskedFor(const route::Letter& letter, const admin::v1::ListDeadLettersRequest& request) {
  const auto fits = [](const std::string& wanted, absl::string_view has) {
    return wanted.empty() || wanted == has;
  };
  return fits(request.route(), letter.route) && fits(request.stream(), letter.stream) &&
         fits(request.type(), letter.type) &&
         fits(request.error_class(), route::ErrorClassName(letter.error_class));
}

}  // namespace nexus::rpc
