#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config_value.h"
#include "config/nexus_config.h"

namespace nexus::config {

// What one option alone cannot tell: addresses, tokens, values that must fit each other.
void Validate(const std::map<std::string, std::string>& sources, const NexusConfig& config,
              std::vector<Problem>& problems);

// "host:port" or "[::1]:port" with a port from 0 to 65535.
bool IsListenAddress(absl::string_view address);

}  // namespace nexus::config
