#pragma once

// The second RocksDB of the data folder, `derived/`: what can be made again from the log. Writes
// are not synced.
//
// Thread-safe after Open. Everything obtained from it must be gone before it is.

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace nexus::storage {

class DerivedDatabase {
 public:
  using Family = std::shared_ptr<rocksdb::ColumnFamilyHandle>;

  // `data_folder` must be held by a RocksLog: it owns the folder's lock. A damaged database is
  // moved aside to `derived.damaged` and a new one is made. DATA_FOLDER_LOCKED if another one has
  // it open; DISK_FULL, INTERNAL.
  static absl::StatusOr<std::unique_ptr<DerivedDatabase>> Open(const std::string& data_folder);
  ~DerivedDatabase();

  // Why what was found had to be moved aside; empty: nothing had to. Checkpoints are lost then:
  // readers begin again.
  const std::string& damage() const { return damage_; }

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* checkpoints() { return checkpoints_; }
  rocksdb::ColumnFamilyHandle* egress() { return egress_; }
  rocksdb::ColumnFamilyHandle* snapshots() { return snapshots_; }

  // Postings. Whoever still reads the one before ClearIndex() reads on in it.
  Family index();
  absl::Status ClearIndex();

 private:
  DerivedDatabase() = default;

  rocksdb::Status OpenAt(const std::string& path);
  Family Own(rocksdb::ColumnFamilyHandle* handle);

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* checkpoints_ = nullptr;
  rocksdb::ColumnFamilyHandle* egress_ = nullptr;
  rocksdb::ColumnFamilyHandle* snapshots_ = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> unknown_;  // of a newer program: left as they are
  std::string damage_;

  absl::Mutex mutex_;
  Family index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
