#pragma once

// Whether a command was decided before, by its id.

#include <optional>

#include "absl/status/statusor.h"
#include "command/command_call.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"

namespace nexus::command {

// The key of the metadata that says which command an event came from: "TYPE DIGEST".
inline constexpr char kCommandKey[] = "$command";
// What led to that command, if its sender has said so.
inline constexpr char kCommandCausationKey[] = "$command-causation";
std::string CommandMark(const CommandCall& call);

// The receipt of the first time, as far as the log knows it; nothing if there was none. ID_REUSED
// if the id belongs to something else. Reads from disk.
absl::StatusOr<std::optional<CommandReceipt>> FindRepeated(const CommandCall& call,
                                                           CommitLocator& locator,
                                                           EventReader& reader);

}  // namespace nexus::command
