#pragma once

// What is checked when a log is opened, before anybody may use it.

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_database.h"

namespace nexus::storage {

struct RecoveredLog {
  log::LogTip tip;
  LogMeta meta;
  uint64_t chain = 0;                     // at the tip
  std::optional<uint64_t> chain_at = {};  // at RecoveryChecks::chain_at, if a commit ends there
  std::optional<AcceptedLoss> loss = {};  // the last one that was accepted
};

struct RecoveryChecks {
  uint64_t verify_positions_max = 10'000;  // from the end
  Position chain_at = {};                  // the walk goes back to here at least
  bool may_begin = true;                   // an empty database is a new log, not a lost one
};

// Verifies the end of the log (docs/storage-format.md, "What opening checks") and writes the first
// rows of a new one. DATA_LOSS, UNSUPPORTED_FORMAT.
absl::StatusOr<RecoveredLog> RecoverLog(LogDatabase& database, const RecoveryChecks& checks);

}  // namespace nexus::storage
