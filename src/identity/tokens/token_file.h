#pragma once

// The file that a token is handed over in.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::identity {

// Writes `token` and a line end to `path`, readable by its owner alone (0600) from the first
// moment; as file::ReplaceFile, so that it lasts once this has returned. kInternal with the path
// and the system's reason.
absl::Status WriteTokenFile(const std::string& path, absl::string_view token);

}  // namespace nexus::identity
