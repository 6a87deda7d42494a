#pragma once

// Reads YAML. The only place that knows the library.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/config_value.h"

namespace nexus::config {

inline constexpr size_t kConfigFileBytesMax = 1 << 20;

// A fault of the text and the line that it is on.
struct YamlFault {
  int line = 0;
  std::string message;
};

// The one document in `text`; kNull if it is empty. False, and `fault`, if it is no YAML, holds
// more than one document, or nests too deep.
bool ParseYaml(absl::string_view text, ConfigValue& value, YamlFault& fault);

// The whole file. CONFIGURATION_INVALID if it cannot be read or is larger than the maximum.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace nexus::config
