#pragma once

// A folder as an earlier revision of git has it.

#include <string>

#include "absl/status/statusor.h"
#include "cli/surroundings.h"

namespace nexus::cli {

// Writes what `folder`/`part` held at `revision` below `into`, which exists; nothing if it was not
// there. CONFIGURATION_INVALID with what git said: `folder` is in no repository, there is no such
// revision (a shallow clone has few), git is not installed. Changes neither index nor work tree.
absl::Status ExportRevision(const std::string& folder, const std::string& part,
                            const std::string& revision, const std::string& into,
                            const Surroundings& surroundings);

}  // namespace nexus::cli
