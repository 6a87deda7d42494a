#pragma once

// What is known of a log before RocksDB opens it, and whether that forbids to open it.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/anchor_file.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/log_files.h"
#include "storage/rocksdb/log_recovery.h"
#include "storage/rocksdb/wal_scanner.h"

namespace nexus::storage {

struct LogInspection {
  AnchorSlots anchor;
  absl::Status anchor_fault;  // why there is an anchor that cannot be read
  LogFiles files;
  WalScan wals;
};

// Changes nothing. DATA_LOSS if the folder or a write-ahead log cannot be read.
absl::StatusOr<LogInspection> InspectLog(rocksdb::FileSystem& files, const std::string& anchor_path,
                                         const std::string& log_path);

// OK if RocksDB may open the log; else DATA_LOSS with what is wrong.
absl::Status CheckBeforeOpening(const LogInspection& inspection);

// OK if the log is the one that the anchor vouches for, and whole; else DATA_LOSS. `recovered` was
// checked with the anchor's head as `chain_at`.
absl::Status CheckAgainstAnchor(const LogInspection& inspection, const RecoveredLog& recovered);

// What can still be read of a log that is not opened, without changing it.
absl::StatusOr<RecoveredLog> ProbeLog(LogDatabaseOptions database, const RecoveryChecks& checks);

}  // namespace nexus::storage
