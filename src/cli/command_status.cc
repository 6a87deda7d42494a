// nexusctl status

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct StatusOptions {};

std::string ComponentsJson(const client::ServerStatus& status) {
  std::vector<std::string> parts;
  for (const client::Component& part : status.components) {
    JsonObject json;
    json.Text("name", part.name).Bool("ok", part.ok).Text("detail", part.detail);
    parts.push_back(json.Take());
  }
  return JsonArray(parts);
}

std::string SinksJson(const client::ServerStatus& status) {
  std::vector<std::string> sinks;
  for (const client::SinkState& sink : status.sinks) {
    JsonObject json;
    json.Text("name", sink.name).Bool("ok", sink.ok).Text("detail", sink.detail);
    json.Number("checkpoint", sink.checkpoint.value).Number("lag_events", sink.lag_events);
    json.Number("delivered", sink.delivered);
    sinks.push_back(json.Take());
  }
  return JsonArray(sinks);
}

std::string LimitsJson(const client::ServerLimits& limits) {
  JsonObject json;
  json.Number("event_bytes_max", limits.event_bytes_max);
  json.Number("commit_bytes_max", limits.commit_bytes_max);
  json.Number("commit_events_max", limits.commit_events_max);
  json.Number("tags_max", limits.tags_max);
  json.Number("metadata_bytes_max", limits.metadata_bytes_max);
  json.Number("json_depth_max", limits.json_depth_max);
  json.Number("stream_name_bytes_max", limits.stream_name_bytes_max);
  return json.Take();
}

std::string StatusJson(const client::ServerStatus& status) {
  JsonObject json;
  json.Text("version", status.version).Bool("ready", status.ready);
  json.Number("head", status.head.value).Number("incarnation", status.incarnation);
  json.Text("start_time", TimeText(status.started));
  json.Real("uptime_s", absl::ToDoubleSeconds(status.uptime));
  json.Text("data_folder", status.data_folder);
  json.Raw("components", ComponentsJson(status)).Raw("sinks", SinksJson(status));
  json.Raw("limits", LimitsJson(status.limits));
  return json.Take();
}

absl::StatusOr<ExitCode> ShowStatus(Session& session, const StatusOptions&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::ServerStatus status, client->GetStatus());
  std::vector<std::pair<std::string, std::string>> fields = {
      {"ready", status.ready ? "yes" : "no"},
      {"version", status.version},
      {"head", absl::StrCat(status.head.value)},
      {"incarnation", absl::StrCat(status.incarnation)},
      {"started", TimeText(status.started)},
      {"uptime", absl::FormatDuration(absl::Trunc(status.uptime, absl::Seconds(1)))},
      {"data", status.data_folder}};
  for (const client::Component& part : status.components) {
    fields.emplace_back(part.name, absl::StrCat(part.ok ? "ok" : "NOT OK",
                                                part.detail.empty() ? "" : ": ", part.detail));
  }
  for (const client::SinkState& sink : status.sinks) {
    fields.emplace_back(
        absl::StrCat("sink ", sink.name),
        absl::StrCat(sink.ok ? "ok" : "NOT OK", ", ", sink.delivered, " delivered, ",
                     sink.lag_events, " behind", sink.detail.empty() ? "" : ": ", sink.detail));
  }
  PrintObject(session.out(), session.style(), fields, StatusJson(status));
  // So that a script can wait for a server to be of use.
  return status.ready ? ExitCode::kOk : ExitCode::kUnavailable;
}

}  // namespace

void AddStatusCommand(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("status", "How the server is; exit code 7 while it is not ready");
  OnChosen(command, chosen, std::make_shared<StatusOptions>(), ShowStatus);
}

}  // namespace nexus::cli
