#pragma once

// Finds the program `opa`.

#include <string>

#include "absl/status/statusor.h"

namespace nexus::policy {

// Absolute: `configured` if it is not empty, else the first of: PATH, $NEXUS_TOOLS/bin,
// ~/.cache/nexus/tools/bin. CONFIGURATION_INVALID, with what to do about it, if there is none that
// can be executed.
absl::StatusOr<std::string> FindOpa(const std::string& configured);

}  // namespace nexus::policy
