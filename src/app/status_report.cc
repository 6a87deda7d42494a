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

}  // namespace

std::vector<rpc::ComponentStatus> StatusReport::Components() const {
  const absl::Status log = log_.Health();
  const PolicyState policy = policy_.State();
  return {
      {"log", log.ok(), log.ok() ? absl::StrCat("head ", reader_.Head().value) : Text(log)},
      {"policy", policy.ready,
       policy.ready ? absl::StrCat(policy.engine, ", revision ", policy.revision.substr(0, 12))
                    : absl::StrCat(policy.engine, ": ", policy.reason)},
      {"schemas", true, absl::StrCat("governance epoch ", schemas_.GovernanceEpoch())},
  };
}

rpc::ServerReport StatusReport::Make() const {
  rpc::ServerReport report;
  report.version = kVersion;
  report.data_folder = data_folder_;
  report.started = started_;
  report.components = Components();
  if (delivery_ == nullptr) return report;
  for (const route::SinkStatus& sink : delivery_->Status()) {
    report.sinks.push_back(ReportOf(sink));
  }
  return report;
}

}  // namespace nexus::app
