#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config_value.h"
#include "config/nexus_config.h"

namespace nexus::config {

// Fills each `token` from its `token_file`: the file's text without spaces around it.
void ReadTokenFiles(const std::map<std::string, std::string>& sources, NexusConfig& config,
                    std::vector<Problem>& problems);

}  // namespace nexus::config
