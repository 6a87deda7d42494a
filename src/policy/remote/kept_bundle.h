#pragma once

// The bundle that was used last, in a file: what decides when its server cannot be asked.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// Puts the archive in the place of the file with one step, synced, for the owner alone. The folder
// is made where it is missing. INTERNAL with what the system said.
absl::Status KeepBundle(const std::string& path, absl::string_view archive);

// NOT_FOUND: none was kept. CONFIGURATION_INVALID: it cannot be read.
absl::StatusOr<std::string> ReadKeptBundle(const std::string& path);

}  // namespace nexus::policy
