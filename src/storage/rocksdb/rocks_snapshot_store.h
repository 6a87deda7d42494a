#pragma once

// Snapshots in `derived/`: a column family of its own, a row for each (docs/storage-format.md).
//
// Thread-safe.

#include <cstdint>
#include <memory>
#include <optional>

#include "nexus/port/metrics.h"
#include "nexus/port/snapshot_store.h"
#include "storage/rocksdb/derived_database.h"

namespace rocksdb {
class Iterator;
}

namespace nexus::storage {

struct RocksSnapshotStoreOptions {
  // Of the log. Snapshots of another incarnation know another history and are dropped.
  uint64_t incarnation = 0;
  Counter* damaged = nullptr;  // counts what is passed over
};

class RocksSnapshotStore : public SnapshotStore {
 public:
  // `database` must outlive this.
  static absl::StatusOr<std::unique_ptr<RocksSnapshotStore>> Open(
      DerivedDatabase& database, const RocksSnapshotStoreOptions& options);

  absl::Status Put(const Snapshot& snapshot) override;
  absl::StatusOr<std::optional<Snapshot>> Nearest(absl::string_view stream,
                                                  const SnapshotBound& bound,
                                                  Usable usable) override;
  absl::StatusOr<SnapshotPage> List(const SnapshotQuery& query) override;
  absl::StatusOr<uint64_t> Delete(absl::string_view stream,
                                  std::optional<Revision> revision) override;
  absl::StatusOr<uint64_t> Expire(absl::string_view stream, uint64_t keep) override;

 private:
  RocksSnapshotStore(DerivedDatabase& database, const RocksSnapshotStoreOptions& options)
      : database_(database), options_(options) {}

  absl::Status Clear();
  std::unique_ptr<rocksdb::Iterator> Walk();
  // The snapshot that the iterator stands on; nothing if it is damaged.
  std::optional<Snapshot> ReadAt(const rocksdb::Iterator& it) const;
  // Those of the stream that the iterator stands on, from where it stands back to the oldest.
  void ListBack(rocksdb::Iterator& it, size_t limit, SnapshotPage& page) const;

  DerivedDatabase& database_;
  const RocksSnapshotStoreOptions options_;
};

}  // namespace nexus::storage
