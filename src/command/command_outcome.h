#pragma once

// What becomes of a command that was decided: a commit, a receipt, an answer that is counted. The
// same whoever decided it.
//
// Of one thread at a time, like the call.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "command/command.h"
#include "command/command_call.h"
#include "command/command_metrics.h"
#include "command/decision.h"
#include "engine/draft.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/core/position.h"

namespace nexus::command {

// What the caller expects, against where the stream stands. REVISION_CONFLICT.
absl::Status CheckExpected(const CommandCall& call, std::optional<Revision> at);

// Of the events of a decision, in their order.
struct CommitParts {
  engine::CommitDraft draft;
  std::vector<std::string> types;
};

// The commit that stores `decision` behind revision `at`. Events get what the command brought as
// metadata where the decision says nothing.
CommitParts CommitOf(const CommandCall& call, std::optional<Revision> at, Decision decision);

CommandReceipt ReceiptOf(const CommandCall& call, const CommitReceipt& commit,
                         std::vector<std::string> types);
CommandReceipt ReceiptWithoutEvents(const CommandCall& call, std::optional<Revision> at);

// Before a command is decided again that another writer was faster than, `attempts` times: at once
// the first time, then by chance within a time that grows.
absl::Duration PauseAfterConflict(uint32_t attempts, IdSource& ids);

// Counts the answer, puts times and attempts into the receipt, and gives it to whoever asked.
void AnswerCall(CommandCall& call, absl::StatusOr<CommandReceipt> receipt,
                const CommandMetrics& metrics, absl::Duration now);

}  // namespace nexus::command
