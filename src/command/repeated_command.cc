#include "command/repeated_command.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "command/command_view.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

bool IsMarked(const RecordedEvent& event, const std::string& mark) {
  for (const auto& [key, value] : event.metadata) {
    if (key == kCommandKey) return value == mark;
  }
  return false;
}

}  // namespace

std::string CommandMark(const CommandCall& call) {
  return absl::StrCat(call.draft.type, " ", CommandDigest(call.view));
}

absl::StatusOr<std::optional<CommandReceipt>> FindRepeated(const CommandCall& call,
                                                           CommitLocator& locator,
                                                           EventReader& reader) {
  if (!call.may_be_known) return std::nullopt;
  NEXUS_ASSIGN_OR_RETURN(const std::optional<PositionRange> range, locator.LocateCommit(call.id));
  if (!range.has_value()) return std::nullopt;
  CommandReceipt receipt;
  const std::string mark = CommandMark(call);
  Position next = range->first;
  while (next <= range->last) {
    NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                           reader.ReadAll(next, Direction::kForward, PageLimits()));
    if (page.events.empty()) break;
    for (const RecordedEvent& event : page.events) {
      if (event.position > range->last) break;
      if (!IsMarked(event, mark) || event.stream != call.stream.str()) {
        return MakeError(ErrorReason::kIdReused,
                         absl::StrCat("the id ", call.id.ToString(),
                                      " belongs to another command or commit; a new command needs "
                                      "a new id"));
      }
      receipt.events.push_back({event.id, std::string(event.type), event.revision, event.position});
      receipt.revision = event.revision;
      receipt.position = event.position;
      receipt.recorded = event.recorded;
      receipt.correlation_id = std::string(event.correlation_id);
    }
    next = Position(page.events.back().position.value + 1);
  }
  receipt.command_id = call.id;
  receipt.aggregate = call.record->declaration.name;
  receipt.stream = call.stream.str();
  receipt.repeated = true;
  return receipt;
}

}  // namespace nexus::command
