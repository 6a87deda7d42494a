#pragma once

// The log of the golden data folders, and all that a reader sees of one as text.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::golden {

// A log that uses every field of the format, in tables and in write-ahead logs, in a new folder.
absl::Status Make(const std::string& data_folder);

// Every event with every field, both directions, streams, and the answers to repeated commits. The
// folder is opened, and so written to.
absl::StatusOr<std::string> Dump(const std::string& data_folder);

}  // namespace nexus::golden
