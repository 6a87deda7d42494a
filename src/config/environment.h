#pragma once

// NEXUS_POLICY__OPA__ADDRESS sets policy.opa.address; two underscores are a dot.
//
// NEXUS_<KEY>_FILE names a file that holds the value of a secret. A name with two underscores that
// is no option is refused. One without may belong to somebody else (a tool, a cluster that puts
// service addresses into every container), so it is told only if it is nearly an option.

#include <map>
#include <string>
#include <vector>

#include "config/config_value.h"

namespace nexus::config {

using Environment = std::map<std::string, std::string>;

// The settings in `environment`; adds to `problems` and to `notes` (worth a warning).
std::vector<Setting> SettingsOf(const Environment& environment, std::vector<Problem>& problems,
                                std::vector<std::string>& notes);

// "NEXUS_POLICY__OPA__ADDRESS".
std::string VariableOf(absl::string_view key);

}  // namespace nexus::config
