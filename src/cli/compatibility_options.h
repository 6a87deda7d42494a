#pragma once

// The options that say how versions may differ.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "nexus/core/compatibility.h"

namespace nexus::cli {

struct RuleOptions {
  std::string mode;  // empty, as the others: not given
  std::string policy;
  std::vector<std::string> flags;
};

// --mode, --policy, --flag; and without the mode.
void AddRuleOptions(CLI::App* command, RuleOptions& options);
void AddPolicyOptions(CLI::App* command, RuleOptions& options);

// Changes `rules` by what is given. A usage error names the word that is none of theirs.
absl::Status ReadRules(const RuleOptions& options, CompatibilityRules& rules);

}  // namespace nexus::cli
