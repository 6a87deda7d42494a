#pragma once

// Checkpoints in `derived/`, whose writes are not synced: a power cut may set a reader back, never
// forward.
//
// Thread-safe.

#include <rocksdb/write_batch.h>

#include <optional>

#include "absl/status/statusor.h"
#include "nexus/port/checkpoint_store.h"
#include "storage/rocksdb/derived_database.h"
#include "storage/rocksdb/scrub_state.h"

namespace nexus::storage {

// A checkpoint as part of a larger write.
void PutCheckpoint(DerivedDatabase& database, absl::string_view reader, Position position,
                   rocksdb::WriteBatch& write);

class RocksCheckpointStore : public CheckpointStore {
 public:
  // `database` must outlive this.
  explicit RocksCheckpointStore(DerivedDatabase& database) : database_(database) {}

  absl::StatusOr<std::optional<Position>> Load(absl::string_view reader) override;
  absl::Status Save(absl::string_view reader, Position position) override;

  // The scrubber's; DATA_LOSS if there is none.
  absl::StatusOr<ScrubState> LoadScrubState();
  absl::Status SaveScrubState(const ScrubState& state);

 private:
  DerivedDatabase& database_;
};

}  // namespace nexus::storage
