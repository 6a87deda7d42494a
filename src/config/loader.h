#pragma once

// Puts a configuration together: defaults < files < environment < flags.
//
// Every problem of every source is found and told at once.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config_value.h"
#include "config/environment.h"
#include "config/nexus_config.h"

namespace nexus::config {

// One value from the command line, as "--data" or "--set".
struct FlagValue {
  std::string flag;
  std::string key;
  std::string text;
};

struct LoadInput {
  // Later ones win. A folder stands for the *.yaml files in it, by name.
  std::vector<std::string> files = {};
  // Used if `files` is empty; those that do not exist are passed over.
  std::vector<std::string> default_files = {};
  Environment environment = {};
  std::vector<FlagValue> flags = {};
};

struct LoadedConfig {
  NexusConfig config;
  // By option key: "default", "nexusd.yaml:12", "NEXUS_DATA", "--data".
  std::map<std::string, std::string> sources;
  std::vector<std::string> files;  // that were read
  std::vector<std::string> notes;  // worth a warning
};

// CONFIGURATION_INVALID with one violation for each problem (field = key, pointer = where), sorted
// by place; the message is "where: key: message", a line each.
absl::StatusOr<LoadedConfig> Load(const LoadInput& input);

// /etc/nexus/nexusd.yaml and the folder conf.d beside it.
std::vector<std::string> DefaultFiles();

}  // namespace nexus::config
