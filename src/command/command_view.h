#pragma once

// What `decide` is handed beside the state: the command, and the context that is all it may know of
// the world. docs/reference/aggregates.md.
//
// Pure; thread-safe.

#include <string>

#include "absl/strings/string_view.h"
#include "command/command.h"
#include "identity/principal.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::command {

// {"type":...,"id":...,"data":...,"metadata":{...}}. The same command gives the same text.
std::string CommandView(const CommandDraft& command, const CommitId& id);

// Hexadecimal digest of that: what tells whether a command id comes with the same command again.
std::string CommandDigest(absl::string_view command_view);

struct DecideContext {
  Timestamp now = {};
  absl::string_view aggregate_id = {};  // what follows the category in the stream's name
  absl::string_view correlation_id = {};
  absl::string_view causation_id = {};
  const identity::Principal* principal = nullptr;
};

// {"now":...,"aggregateId":...,"principal":{...},"seed":[...]}: `seed` is four 32-bit numbers of
// the command's id, from which ctx.newId() makes the same ids for the same command.
std::string ContextView(const DecideContext& context, const CommitId& id);

}  // namespace nexus::command
