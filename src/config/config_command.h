#pragma once

// Runs what the command line asks for instead of the daemon.

#include <optional>
#include <ostream>

#include "absl/strings/string_view.h"
#include "config/command_line.h"

namespace nexus::config {

// The exit code, after writing to `out` (data) and `err` (what is wrong); nothing if the daemon
// shall run. 0: done. 2: the configuration is not valid.
std::optional<int> RunConfigCommand(const CommandLine& line, const Environment& environment,
                                    absl::string_view version, std::ostream& out,
                                    std::ostream& err);

}  // namespace nexus::config
