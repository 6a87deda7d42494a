#include "app/status_report.h"

#include "absl/strings/str_cat.h"
#include "app/daemon.h"
#include "app/delivery.h"

namespace nexus::app {
namespace {

std::string Text(const absl::Status& status) { return std::string(status.message()); }

rpc::SinkReport ReportOf(const std::string& run, const route::RunStatus& status) {
  const route::SinkStatus& sink = status.sink;
  rpc::SinkReport report;
  report.name = run;
  report.ok = status.state != route::RunState::kFailed && sink.health.ok() &&
              sink.last_error.ok() && sink.parked_lanes == 0;
  report.detail = status.state == route::RunState::kPaused   ? "paused"
                  : status.state == route::RunState::kFailed ? "it does not run"
                                                             : absl::StrCat("to ", sink.sink);
  for (const absl::Status& fault : {status.error, sink.health, sink.last_error}) {
    if (!fault.ok()) absl::StrAppend(&report.detail, "; ", Text(fault));
  }
  if (sink.parked_lanes > 0) {
    absl::StrAppend(&report.detail, "; ", sink.parked_lanes, " streams parked as dead letters");
  }
  report.checkpoint = sink.checkpoint;
  report.lag_events = sink.lag_events;
  report.delivered = sink.delivered;
  return report;
}

std::string IndexText(const index::IndexerState& state) {
  std::string text =
      absl::StrCat("indexed to ", state.indexed_to.value, ", ", state.lag(), " behind");
  if (!state.error.ok()) absl::StrAppend(&text, "; ", Text(state.error));
  return text;
}

}  // namespace

std::vector<rpc::ComponentStatus> StatusReport::Components() const {
  const absl::Status log = log_.Health();
  const PolicyState policy = policy_.State();
  return {
      {"log", log.ok(), log.ok() ? absl::StrCat("head ", log_.Head().value) : Text(log)},
      {"policy", policy.ready,
       policy.ready ? absl::StrCat(policy.engine, ", revision ", policy.revision.substr(0, 12),
                                   policy.reason.empty() ? "" : "; ", policy.reason)
                    : absl::StrCat(policy.engine, ": ", policy.reason)},
      {"schemas", true, absl::StrCat("governance epoch ", schemas_.GovernanceEpoch())},
      {"index", true, IndexText(indexer_.State())},
  };
}

rpc::ComponentStatus StatusReport::ScrubComponent() const {
  rpc::ComponentStatus component{"scrub", true, "switched off", /*needed=*/false};
  if (scrubber_ == nullptr) return component;
  const storage::Scrubber::Status status = scrubber_->GetStatus();
  component.ok = status.errors == 0;
  component.detail = status.running ? absl::StrCat("reading, at position ", status.position.value)
                     : status.finished.micros == 0 ? "not yet read"
                                                   : "read to the end";
  if (status.errors > 0) {
    absl::StrAppend(&component.detail, "; ", status.errors,
                    " errors: the log lines tell them, nexusctl verify looks again");
  }
  return component;
}

rpc::IndexProgress StatusReport::Index() const {
  const index::IndexerState state = indexer_.State();
  return {state.indexed_to, state.cleared, Text(state.error)};
}

rpc::ServerReport StatusReport::Make() const {
  rpc::ServerReport report;
  report.version = kVersion;
  report.data_folder = data_folder_;
  report.started = started_;
  report.incarnation = log_.incarnation();
  report.components = Components();
  report.components.push_back(ScrubComponent());
  if (delivery_ == nullptr) return report;
  for (const auto& [run, status] : delivery_->router().Status()) {
    report.sinks.push_back(ReportOf(run, status));
  }
  return report;
}

}  // namespace nexus::app
