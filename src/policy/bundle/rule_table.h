#pragma once

// The rules that a bundle declares, and how far each is enforced: docs/reference/policy-bundle.md.
//
// Pure. CONFIGURATION_INVALID, with the place, for what is malformed.

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/rule_modes.h"
#include "simdjson.h"

namespace nexus::policy {

// What the METADATA of a rule says.
struct RuleText {
  std::string title;
  std::string reason;

  friend bool operator==(const RuleText&, const RuleText&) = default;
};

// By operation, then by rule.
using RuleTable = std::map<std::string, std::map<std::string, RuleText>>;

// Of the annotations that `opa inspect -a -f json` lists: those of `deny` in data.nexus.<operation>
// with custom.rule.
absl::StatusOr<RuleTable> ReadRuleAnnotations(simdjson::dom::element annotations);

// {"append": {"append_only": {"title": "...", "reason": "..."}}}, as a manifest has it.
absl::StatusOr<RuleTable> ReadRuleTable(simdjson::dom::element table);
std::string RuleTableJson(const RuleTable& rules);

// The value of data.nexus.enforcement: {"append": {"append_only": {"mode": "shadow", "share":
// 0.1}}}. Null if it says nothing.
absl::StatusOr<std::shared_ptr<const RuleModes>> ReadEnforcement(simdjson::dom::element value);
// The same out of all data; null if there is none.
absl::StatusOr<std::shared_ptr<const RuleModes>> EnforcementIn(simdjson::dom::element data);

// Every rule that `modes` (may be null) speaks of must be declared: a name that is misspelt would
// deny in silence.
absl::Status CheckRulesAreKnown(const RuleModes* modes, const RuleTable& rules);

}  // namespace nexus::policy
