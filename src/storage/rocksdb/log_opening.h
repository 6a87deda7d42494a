#pragma once

// Opening the log so that nothing that was acknowledged is missing quietly: the anchor, the scan of
// the write-ahead logs, RocksDB, the checks, the next anchor (docs/storage-format.md, "Opening").
//
// Whatever does not fit refuses, and says what to do. A refusal found before RocksDB opens the log
// leaves the folder as it was.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/rocksdb/anchor_file.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/log_recovery.h"

namespace nexus::storage {

struct LogOpening {
  std::string anchor_path;
  LogDatabaseOptions database = {};  // which files it may make is decided here
  uint64_t verify_positions_max = 10'000;
  // What is left of a damaged log ends here, and the operator accepts that.
  std::optional<Position> accepted_loss = {};
  Timestamp now = {};  // for the record of an accepted loss
};

struct OpenedLog {
  std::unique_ptr<LogDatabase> database;
  RecoveredLog recovered;
  std::unique_ptr<AnchorFile> anchor_file;
  Anchor anchor;           // as written now
  bool torn_tail = false;  // a last write that was never acknowledged was dropped
  bool torn_anchor = false;
};

// DATA_LOSS (restore, or accept what is left), UNSUPPORTED_FORMAT, DISK_FULL, INTERNAL;
// CONFIGURATION_INVALID if a loss is to be accepted and nothing is lost.
absl::StatusOr<OpenedLog> OpenLog(const LogOpening& opening, std::shared_ptr<LogEvents> events);

}  // namespace nexus::storage
