#pragma once

// One command on its way. Handed from thread to thread, of one at a time.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "command/command.h"
#include "domain/domain_state.h"
#include "engine/draft.h"
#include "nexus/core/stream_name.h"

namespace nexus::command {

using CommandDone = absl::AnyInvocable<void(absl::StatusOr<CommandReceipt>)>;

struct CommandCall {
  CommandDraft draft;
  engine::Caller caller;
  std::shared_ptr<const domain::AggregateRecord> record;
  StreamName stream;
  CommitId id;
  bool may_be_known = false;  // the client has chosen the id
  std::string view;           // command_view.h
  std::string correlation_id;
  CommandDone done;

  absl::Duration begun;  // of Clock::Monotonic()
  absl::Duration storing_since;
  CommandTimings timings = {};
  uint32_t attempts = 0;

  // What follows the category in the stream's name.
  absl::string_view aggregate_id() const {
    return absl::string_view(stream.str()).substr(record->declaration.category.size() + 1);
  }
};

using CommandCallPtr = std::shared_ptr<CommandCall>;

}  // namespace nexus::command
