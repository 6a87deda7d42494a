#pragma once

// Checkpoints in the data folder's second RocksDB, `derived/`, whose writes are not synced: a power
// cut may set a reader back, never forward.
//
// Thread-safe.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "nexus/port/checkpoint_store.h"
#include "storage/rocksdb/scrub_state.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace nexus::storage {

class RocksCheckpointStore : public CheckpointStore {
 public:
  // `data_folder` must be held by a RocksLog: it owns the folder's lock. DATA_FOLDER_LOCKED if
  // another store has `derived/` open; DATA_LOSS if it is damaged (it may be deleted).
  static absl::StatusOr<std::unique_ptr<RocksCheckpointStore>> Open(const std::string& data_folder);
  ~RocksCheckpointStore() override;

  absl::StatusOr<std::optional<Position>> Load(absl::string_view reader) override;
  absl::Status Save(absl::string_view reader, Position position) override;

  // The scrubber's; DATA_LOSS if there is none.
  absl::StatusOr<ScrubState> LoadScrubState();
  absl::Status SaveScrubState(const ScrubState& state);

 private:
  explicit RocksCheckpointStore(std::unique_ptr<rocksdb::DB> db);

  const std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace nexus::storage
