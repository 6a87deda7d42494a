#pragma once

// The option that says in which version events are wanted.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/client/event_stream.h"

namespace nexus::cli {

// Fills `as_version` with "latest", a number, and "TYPE=N", as they come.
void AddViewOption(CLI::App& command, std::vector<std::string>& as_version);

// A usage error for anything else.
absl::StatusOr<client::SchemaView> ToView(const std::vector<std::string>& as_version);

}  // namespace nexus::cli
