#pragma once

// A command as it comes in, and what became of it. Values.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "nexus/core/commit.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::command {

struct CommandDraft {
  std::string command_id;  // empty: one is made
  std::string type;
  std::string data;  // JSON
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::string correlation_id = {};
  std::string causation_id = {};
  std::optional<ExpectedRevision> expected = {};  // nothing: whatever it is
};

struct CommandTimings {
  absl::Duration waiting;
  absl::Duration loading;
  absl::Duration deciding;
  absl::Duration storing;
  absl::Duration total;
};

struct ReceiptEvent {
  EventId id;
  std::string type;
  Revision revision;
  Position position;
};

struct CommandReceipt {
  CommitId command_id;
  std::string aggregate;
  std::string stream;
  std::optional<Revision> revision = {};  // of the aggregate after it
  Position position = {};                 // of the last event; 0: none was stored
  std::vector<ReceiptEvent> events = {};
  std::string correlation_id;
  Timestamp recorded = {};
  bool repeated = false;
  uint32_t attempts = 0;
  CommandTimings timings = {};
  std::vector<AppendWarning> warnings = {};
};

}  // namespace nexus::command
