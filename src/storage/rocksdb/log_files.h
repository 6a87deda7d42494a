#pragma once

// What lies in the folder of the log, before RocksDB is asked.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace nexus::storage {

struct LogFiles {
  bool current = false;             // the file that names the manifest
  bool tables = false;              // at least one
  std::vector<uint64_t> wals = {};  // numbers of the write-ahead logs, ascending

  // Nothing was ever stored here, or it is gone.
  bool empty() const { return !current && !tables; }
  uint64_t newest_wal() const { return wals.empty() ? 0 : wals.back(); }
};

// A folder that does not exist holds nothing. DATA_LOSS if it cannot be read.
absl::StatusOr<LogFiles> ListLogFiles(rocksdb::FileSystem& files, const std::string& folder);

// The path of a write-ahead log.
std::string WalPath(const std::string& folder, uint64_t number);

}  // namespace nexus::storage
