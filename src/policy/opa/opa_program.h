#pragma once

// Finds the program `opa`.

#include <string>

#include "absl/status/statusor.h"

namespace nexus::policy {

// An absolute path. `configured` is a path if it holds a '/'; otherwise a name (empty: "opa") that
// is looked for in PATH, $NEXUS_TOOLS/bin and ~/.cache/nexus/tools/bin, in this order.
// CONFIGURATION_INVALID, with what to do about it, if there is none that can be executed.
absl::StatusOr<std::string> FindOpa(const std::string& configured);

}  // namespace nexus::policy
