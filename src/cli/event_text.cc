#include "cli/event_text.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "cli/output.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

std::string Text(absl::string_view s) { return std::string(s.data(), s.size()); }

bool SaysJson(absl::string_view content_type) {
  return content_type.empty() || absl::StartsWith(content_type, "application/json") ||
         absl::StrContains(content_type, "+json");
}

absl::string_view CriticalityName(Criticality criticality) {
  switch (criticality) {
    case Criticality::kLow:
      return "low";
    case Criticality::kMedium:
      return "medium";
    case Criticality::kHigh:
      return "high";
    case Criticality::kUnspecified:
      break;
  }
  return "";
}

std::string RoutingJson(const RoutingHints& routing) {
  JsonObject json;
  if (routing.criticality != Criticality::kUnspecified) {
    json.Text("criticality", CriticalityName(routing.criticality));
  }
  if (routing.business_impact != 0) json.Real("business_impact", routing.business_impact);
  if (routing.requires_ordering) json.Bool("requires_ordering", true);
  if (routing.max_latency_ms != 0) json.Number("max_latency_ms", routing.max_latency_ms);
  return json.Take();
}

void AddData(const RecordedEvent& event, JsonObject& json) {
  if (SaysJson(event.content_type)) {
    if (const std::optional<std::string> data = MinifiedJson(event.data)) {
      json.Raw("data", *data);
      return;
    }
  }
  json.Text("data_base64", absl::Base64Escape(event.data));
}

void AddOptional(absl::string_view key, absl::string_view value, JsonObject& json) {
  if (!value.empty()) json.Text(key, value);
}

std::string AdmissionJson(const RecordedEvent& event) {
  JsonObject json;
  json.Text("principal", event.principal);
  json.Text("decision_id", event.decision_id);
  json.Text("policy_revision", event.policy_revision);
  json.Number("governance_epoch", event.governance_epoch);
  AddOptional("method", event.method, json);
  AddOptional("request_digest", absl::BytesToHexString(event.request_digest), json);
  AddOptional("input_digest", absl::BytesToHexString(event.input_digest), json);
  std::vector<std::string> outcomes;
  for (const absl::string_view line : absl::StrSplit(event.outcomes, '\n', absl::SkipEmpty())) {
    outcomes.push_back(JsonString(line));
  }
  if (!outcomes.empty()) json.Raw("outcomes", JsonArray(outcomes));
  return json.Take();
}

}  // namespace

std::string EventJson(const RecordedEvent& event) {
  JsonObject json;
  json.Number("position", event.position.value).Text("stream", event.stream);
  json.Number("revision", event.revision.value).Text("type", event.type);
  json.Number("schema_version", event.schema_version).Text("id", event.id.ToString());
  json.Text("commit_id", event.commit_id.ToString());
  json.Text("recorded_time", TimeText(event.recorded));
  json.Text("content_type", event.content_type);
  AddData(event, json);
  std::vector<std::string> tags;
  for (absl::string_view tag : event.tags) tags.push_back(JsonString(tag));
  json.Raw("tags", JsonArray(tags));
  JsonObject metadata;
  for (const auto& [key, value] : event.metadata) metadata.Text(key, value);
  json.Raw("metadata", metadata.Take());
  if (event.routing != RoutingHints()) json.Raw("routing", RoutingJson(event.routing));
  AddOptional("correlation_id", event.correlation_id, json);
  AddOptional("causation_id", event.causation_id, json);
  AddOptional("traceparent", event.traceparent, json);
  AddOptional("tracestate", event.tracestate, json);
  json.Raw("admission", AdmissionJson(event));
  if (event.data_version != 0) json.Number("data_version", event.data_version);
  if (event.gap_version != 0) {
    JsonObject gap;
    gap.Number("wanted_version", event.gap_version).Text("reason", event.gap_reason);
    json.Raw("evolution_gap", gap.Take());
  }
  return json.Take();
}

std::vector<std::string> EventColumns() {
  return {"POSITION", "TIME", "STREAM", "REV", "TYPE", "DATA"};
}

std::vector<std::string> EventCells(const RecordedEvent& event) {
  constexpr size_t kDataWidth = 100;
  return {
      absl::StrCat(event.position.value),
      TimeText(event.recorded),
      Text(event.stream),
      absl::StrCat(event.revision.value),
      absl::StrCat(event.type, event.schema_version == 0
                                   ? std::string()
                                   : absl::StrCat(" v", event.schema_version)),
      Printable(SaysJson(event.content_type) ? MinifiedJson(event.data).value_or(Text(event.data))
                                             : absl::StrCat("(", event.data.size(), " bytes)"),
                kDataWidth)};
}

}  // namespace nexus::cli
