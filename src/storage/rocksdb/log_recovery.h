#pragma once

// What is checked when a log is opened, before anybody may use it.

#include <cstdint>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_database.h"

namespace nexus::storage {

struct RecoveredLog {
  log::LogTip tip;
  LogMeta meta;
};

// Verifies the end of the log (docs/storage-format.md, "What opening checks") over its last
// `verify_positions_max` positions, and writes the first rows of a new one. DATA_LOSS,
// UNSUPPORTED_FORMAT.
absl::StatusOr<RecoveredLog> RecoverLog(LogDatabase& database, uint64_t verify_positions_max);

}  // namespace nexus::storage
