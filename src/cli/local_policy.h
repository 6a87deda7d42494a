#pragma once

// Policies without a server: compiled by an installed `opa`, decided by the embedded engine.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/rule_modes.h"
#include "nexus/port/policy_decider.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::cli {

// The operations that a bundle decides. CONFIGURATION_INVALID if the embedded engine would refuse
// it.
absl::StatusOr<std::vector<std::string>> CheckPolicies(const policy::WasmBundle& bundle);

// A rule of an operation, and what it said of one input.
struct RuleFinding {
  std::string rule;
  policy::RuleText text;  // empty: the rule does not declare itself
  RuleSetting setting;
  RuleMode mode = RuleMode::kDeny;    // for this input: within its share, or not
  std::vector<std::string> messages;  // why it would deny; none: it does not
};

// What each rule contributed to `answer`, as the embedded engine gave it, with the share of
// `share_key`: all that the bundle declares for the operation, and others that denied. By name.
std::vector<RuleFinding> FindingsOf(const policy::WasmBundle& bundle, absl::string_view operation,
                                    const PolicyAnswer& answer, uint64_t share_key);

// POLICY_UNAVAILABLE as the server would say it. Without the server's limit of time. Every rule
// denies: policy::Enforce() is to follow.
absl::StatusOr<PolicyAnswer> DecideLocally(const policy::WasmBundle& bundle,
                                           const PolicyQuestion& question);

}  // namespace nexus::cli
