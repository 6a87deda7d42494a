#include "policy/bundle/rule_table.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kRuleNameBytesMax = 100;

absl::Status MalformedRules(absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, what);
}

std::string TextOf(element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return "";
  return std::string(absl::StripSuffix(absl::string_view(text.data(), text.size()), "\n"));
}

std::string TextOf(simdjson::simdjson_result<element> found) {
  element value;
  return found.get(value) == simdjson::SUCCESS ? TextOf(value) : "";
}

// "append" for data.nexus.append.deny; empty for another path.
std::string DenyingOperation(element path) {
  simdjson::dom::array parts;
  if (path.get(parts) != simdjson::SUCCESS || parts.size() != 4) return "";
  std::vector<std::string> names;
  for (const element part : parts) names.push_back(TextOf(part["value"]));
  return names[0] == "data" && names[1] == "nexus" && names[3] == "deny" ? names[2] : "";
}

absl::StatusOr<RuleSetting> ReadSetting(absl::string_view place, element value) {
  object members;
  if (value.get(members) != simdjson::SUCCESS) {
    return MalformedRules(absl::StrCat(place, ": not an object {\"mode\": ..., \"share\": ...}"));
  }
  RuleSetting setting;
  bool has_mode = false;
  for (const auto& [key, member] : members) {
    if (key == "mode") {
      const auto mode = ParseRuleMode(TextOf(member));
      if (!mode.has_value()) {
        return MalformedRules(absl::StrCat(place, ".mode: must be off, shadow, warn or deny"));
      }
      setting.mode = *mode;
      has_mode = true;
    } else if (key == "share") {
      if (member.get(setting.share) != simdjson::SUCCESS || !(setting.share > 0) ||
          setting.share > 1) {
        return MalformedRules(
            absl::StrCat(place, ".share: must be a number above 0 and at most 1"));
      }
    } else {
      return MalformedRules(absl::StrCat(place, ".", absl::string_view(key.data(), key.size()),
                                         ": unknown; there are mode and share"));
    }
  }
  if (!has_mode) return MalformedRules(absl::StrCat(place, ".mode: missing"));
  return setting;
}

// What rules have found is kept with events, a line each.
absl::Status CheckRuleName(std::string_view rule) {
  const bool is_plain =
      !rule.empty() && rule.size() <= kRuleNameBytesMax &&
      std::all_of(rule.begin(), rule.end(), [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (is_plain) return absl::OkStatus();
  return MalformedRules(absl::StrCat("the name of a rule has 1 to ", kRuleNameBytesMax,
                                     " bytes without control characters"));
}

}  // namespace

absl::StatusOr<RuleTable> ReadRuleAnnotations(element annotations) {
  RuleTable rules;
  simdjson::dom::array list;
  if (annotations.get(list) != simdjson::SUCCESS) {
    return MalformedRules("the annotations of the policies are no array");
  }
  for (const element one : list) {
    element path;
    element of;
    if (one["path"].get(path) != simdjson::SUCCESS) continue;
    if (one["annotations"].get(of) != simdjson::SUCCESS) continue;
    const std::string operation = DenyingOperation(path);
    const std::string rule = TextOf(of["custom"]["rule"]);
    if (operation.empty() || rule.empty()) continue;
    NEXUS_RETURN_IF_ERROR(CheckRuleName(rule));
    const RuleText text{TextOf(of["title"]), TextOf(of["description"])};
    const auto [known, is_new] = rules[operation].try_emplace(rule, text);
    if (!is_new && known->second != text) {
      return MalformedRules(absl::StrCat("two rules of ", operation, " are named ", rule,
                                         " and have different titles or descriptions"));
    }
  }
  return rules;
}

absl::StatusOr<RuleTable> ReadRuleTable(element table) {
  RuleTable rules;
  object operations;
  if (table.get(operations) != simdjson::SUCCESS) {
    return MalformedRules("metadata.nexus.rules of the bundle's manifest: not an object");
  }
  for (const auto& [operation, named] : operations) {
    object of_operation;
    if (named.get(of_operation) != simdjson::SUCCESS) {
      return MalformedRules(
          "metadata.nexus.rules of the bundle's manifest: an operation is no object");
    }
    for (const auto& [rule, text] : of_operation) {
      NEXUS_RETURN_IF_ERROR(CheckRuleName(rule));
      RuleText& read = rules[std::string(operation)][std::string(rule)];
      read.title = TextOf(text["title"]);
      read.reason = TextOf(text["reason"]);
    }
  }
  return rules;
}

std::string RuleTableJson(const RuleTable& rules) {
  std::vector<std::string> operations;
  for (const auto& [operation, named] : rules) {
    std::vector<std::string> texts;
    for (const auto& [rule, text] : named) {
      texts.push_back(absl::StrCat(JsonString(rule), ":{\"title\":", JsonString(text.title),
                                   ",\"reason\":", JsonString(text.reason), "}"));
    }
    operations.push_back(absl::StrCat(JsonString(operation), ":{", absl::StrJoin(texts, ","), "}"));
  }
  return absl::StrCat("{", absl::StrJoin(operations, ","), "}");
}

absl::StatusOr<std::shared_ptr<const RuleModes>> ReadEnforcement(element value) {
  object operations;
  if (value.get(operations) != simdjson::SUCCESS) {
    return MalformedRules("data.nexus.enforcement: not an object of operations");
  }
  RuleModes::Settings settings;
  for (const auto& [operation, named] : operations) {
    object of_operation;
    const std::string place = absl::StrCat("data.nexus.enforcement.", std::string(operation));
    if (named.get(of_operation) != simdjson::SUCCESS) {
      return MalformedRules(absl::StrCat(place, ": not an object of rules"));
    }
    for (const auto& [rule, wanted] : of_operation) {
      NEXUS_ASSIGN_OR_RETURN(const RuleSetting setting,
                             ReadSetting(absl::StrCat(place, ".", std::string(rule)), wanted));
      settings[std::string(operation)][std::string(rule)] = setting;
    }
  }
  if (settings.empty()) return nullptr;
  return std::make_shared<const RuleModes>(std::move(settings));
}

absl::StatusOr<std::shared_ptr<const RuleModes>> EnforcementIn(element data) {
  element value;
  if (data["nexus"]["enforcement"].get(value) != simdjson::SUCCESS) return nullptr;
  return ReadEnforcement(value);
}

absl::Status CheckRulesAreKnown(const RuleModes* modes, const RuleTable& rules) {
  if (modes == nullptr) return absl::OkStatus();
  for (const auto& [operation, named] : modes->settings()) {
    const auto known = rules.find(operation);
    for (const auto& [rule, setting] : named) {
      if (known != rules.end() && known->second.count(rule) > 0) continue;
      return MalformedRules(absl::StrCat("data.nexus.enforcement.", operation, ".", rule,
                                         ": no such rule is declared; a rule of data.nexus.",
                                         operation,
                                         ".deny declares itself by METADATA with custom.rule, and "
                                         "nexusctl policy build notes it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace nexus::policy
