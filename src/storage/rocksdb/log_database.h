#pragma once

// The log's RocksDB: its column families, its options, and how it is opened.
//
// Thread-safe after Open. Everything obtained from it must be gone before it is.

#include <rocksdb/db.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/rocksdb/log_events.h"

namespace nexus::storage {

struct LogDatabaseOptions {
  std::string path;
  bool may_create = true;               // what is missing; else it is damage
  bool point_in_time = false;           // end at the first bad record of the write-ahead log
  bool read_only = false;               // change nothing, not even by recovering
  size_t memtable_bytes = 64 << 20;     // of `commits`; the others have a quarter of it
  size_t block_cache_bytes = 64 << 20;  // shared by all column families
  size_t wal_bytes_max = 256 << 20;     // then the oldest memtables are flushed
  rocksdb::Env* env = nullptr;          // nullptr: the real file system. Must outlive the database.
};

class LogDatabase {
 public:
  // DATA_LOSS if RocksDB finds it damaged; DISK_FULL. `events` may be null.
  static absl::StatusOr<std::unique_ptr<LogDatabase>> Open(const LogDatabaseOptions& options,
                                                           std::shared_ptr<LogEvents> events);
  ~LogDatabase();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* meta() { return families_[0]; }
  rocksdb::ColumnFamilyHandle* commits() { return families_[1]; }
  rocksdb::ColumnFamilyHandle* streams() { return families_[2]; }
  rocksdb::ColumnFamilyHandle* stream_commits() { return families_[3]; }
  rocksdb::ColumnFamilyHandle* commit_ids() { return families_[4]; }
  rocksdb::ColumnFamilyHandle* event_ids() { return families_[5]; }

  // The value, or nothing if the key is absent. DATA_LOSS, INTERNAL if it cannot be read.
  absl::StatusOr<std::optional<std::string>> Get(rocksdb::ColumnFamilyHandle* family,
                                                 absl::string_view key);

  std::unique_ptr<rocksdb::Iterator> NewIterator(rocksdb::ColumnFamilyHandle* family);

  // Blocks of files that were asked for since it was opened, and how many of them were in memory.
  struct BlockRequests {
    uint64_t hits = 0;
    uint64_t misses = 0;
  };
  BlockRequests block_requests() const;

  // Number of the write-ahead log that is written to.
  absl::StatusOr<uint64_t> NewestWal();
  // Makes new and removed files durable.
  absl::Status SyncFolder();

 private:
  LogDatabase() = default;

  std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // owned; in the order of the accessors
};

inline rocksdb::Slice ToSlice(absl::string_view s) { return {s.data(), s.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

}  // namespace nexus::storage
