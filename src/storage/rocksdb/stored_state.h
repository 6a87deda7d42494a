#pragma once

// What the log holds, for the ordering thread: cached heads first, RocksDB behind them.
//
// Not thread-safe.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/stream_head_cache.h"

namespace nexus::storage {

class StoredState : public log::LogState {
 public:
  // `database` must outlive this.
  StoredState(LogDatabase& database, size_t cached_streams_max)
      : database_(database), heads_(cached_streams_max) {}

  absl::StatusOr<std::optional<log::StreamHead>> FindStream(uint32_t tenant,
                                                            absl::string_view name) override;
  absl::StatusOr<std::optional<log::StoredCommit>> FindCommit(uint32_t tenant,
                                                              const CommitId& id) override;

  // A head that became durable under its row key.
  void Moved(const std::string& key, const log::StreamHead& head) { heads_.Put(key, head); }

 private:
  LogDatabase& database_;
  StreamHeadCache heads_;
};

// The commit stored under this id, or nothing. Thread-safe. DATA_LOSS if its record is missing.
absl::StatusOr<std::optional<log::StoredCommit>> LoadCommit(LogDatabase& database, uint32_t tenant,
                                                            const CommitId& id);

}  // namespace nexus::storage
