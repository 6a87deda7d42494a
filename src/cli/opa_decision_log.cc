#include "cli/opa_decision_log.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "nexus/core/audit_streams.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

// What was asked, by the type of the event that followed.
absl::string_view OperationOf(absl::string_view type) {
  if (type == "$schema-registered") return "register_schema";
  if (type == "$schema-deleted") return "delete_schema";
  if (type == "$category-updated") return "update_category";
  if (type.substr(0, 14) == "$compatibility") return "update_compatibility";
  if (type.substr(0, 14) == "$registry-mode") return "update_registry_mode";
  if (type.substr(0, 11) == "$validation") return "update_validation";
  return "append";
}

// What both kinds of entries begin with. The input itself is not kept: only its digest is.
JsonObject EntryOf(absl::string_view decision, absl::string_view operation,
                   absl::string_view revision, Timestamp time) {
  JsonObject labels;
  labels.Text("system", "nexus");
  JsonObject bundle;
  bundle.Text("revision", revision);
  JsonObject bundles;
  bundles.Raw("nexus", bundle.Take());
  JsonObject entry;
  entry.Raw("labels", labels.Take()).Text("decision_id", decision);
  entry.Raw("bundles", bundles.Take());
  entry.Text("path", absl::StrCat("nexus/", operation, "/decision"));
  entry.Raw("erased", "[\"/input\"]").Text("timestamp", TimeText(time));
  return entry;
}

}  // namespace

std::optional<std::string> AdmissionEntry(const std::vector<RecordedEvent>& commit) {
  const RecordedEvent& first = commit.front();
  if (first.method == "server" || first.policy_revision.empty() ||
      first.policy_revision == "none") {
    return std::nullopt;
  }
  JsonObject entry =
      EntryOf(first.decision_id, OperationOf(first.type), first.policy_revision, first.recorded);
  JsonObject result;
  result.Bool("allow", true).Raw("deny", "[]");
  std::vector<std::string> outcomes;
  for (const absl::string_view line : absl::StrSplit(first.outcomes, '\n', absl::SkipEmpty())) {
    outcomes.push_back(JsonString(line));
  }
  if (!outcomes.empty()) result.Raw("outcomes", JsonArray(outcomes));
  entry.Raw("result", result.Take());
  JsonObject custom;
  custom.Text("principal", first.principal).Text("method", first.method);
  custom.Text("request_digest", absl::BytesToHexString(first.request_digest));
  custom.Text("input_digest", absl::BytesToHexString(first.input_digest));
  custom.Text("commit_id", first.commit_id.ToString());
  custom.Number("position", first.position.value).Number("events", commit.size());
  entry.Raw("custom", custom.Take());
  return entry.Take();
}

std::optional<std::string> DenialEntry(const RecordedEvent& denied, bool all) {
  const std::string reason = TextMember(denied.data, "reason");
  if (!all && reason != "POLICY_DENIED") return std::nullopt;
  JsonObject entry = EntryOf(denied.id.ToString(), TextMember(denied.data, "operation"),
                             TextMember(denied.data, "policy_revision"), denied.recorded);
  std::vector<std::string> rules;
  for (const std::string& rule : TextListMember(denied.data, "rules")) {
    JsonObject row;
    rules.push_back(row.Text("rule", rule).Take());
  }
  JsonObject result;
  result.Bool("allow", false).Raw("deny", JsonArray(rules));
  entry.Raw("result", result.Take());
  if (const std::string peer = TextMember(denied.data, "peer"); !peer.empty()) {
    entry.Text("requested_by", peer);
  }
  const std::optional<std::string> data = MinifiedJson(denied.data);
  entry.Raw("custom", data.value_or("{}"));
  return entry.Take();
}

}  // namespace nexus::cli
