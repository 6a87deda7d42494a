#include "app/status_report.h"

#include "absl/strings/str_cat.h"
#include "app/daemon.h"
#include "app/delivery.h"

namespace nexus::app {
namespace {

std::string Text(const absl::Status& status) { return std::string(status.message()); }

rpc::SinkReport ReportOf(const route::SinkStatus& sink) {
  rpc::SinkReport report;
  report.name = sink.sink;
  report.ok = sink.health.ok() && sink.last_error.ok() && sink.parked_lanes == 0;
  report.detail = absl::StrCat(sink.route, " path");
  if (!sink.health.ok()) absl::StrAppend(&report.detail, "; ", Text(sink.health));
  if (!sink.last_error.ok()) absl::StrAppend(&report.detail, "; ", Text(sink.last_error));
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
  for (const route::SinkStatus& sink : delivery_->Status()) {
    report.sinks.push_back(ReportOf(sink));
  }
  return report;
}

}  // namespace nexus::app
