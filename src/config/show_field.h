#pragma once

// The value of an option as text.

#include <string>

#include "config/option_table.h"

namespace nexus::config {

// The current value as JSON, which is YAML too. Secrets are "***" unless `reveal`.
std::string ShowField(const Option& option, const NexusConfig& config, bool reveal = false);

}  // namespace nexus::config
