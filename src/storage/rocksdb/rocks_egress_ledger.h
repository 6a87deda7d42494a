#pragma once

// The egress ledger in `derived/`: a column family of its own, a row for hundreds of deliveries.
//
// Thread-safe.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/egress_ledger.h"
#include "storage/rocksdb/derived_database.h"

namespace rocksdb {
class Iterator;
}

namespace nexus::storage {

class RocksEgressLedger : public EgressLedger {
 public:
  // Keeps the deliveries of the newest `positions_kept` positions of each reader. `database` must
  // outlive this.
  RocksEgressLedger(DerivedDatabase& database, uint64_t positions_kept)
      : database_(database), positions_kept_(positions_kept) {}

  absl::Status Save(absl::string_view reader, Position checkpoint,
                    const EgressBatch& batch) override;
  absl::StatusOr<std::vector<Egress>> Find(Position position) override;
  absl::Status Scan(absl::string_view reader, Position from, Position to, Visit visit) override;
  uint64_t positions_kept() const override { return positions_kept_; }

 private:
  static absl::Status ScanReader(rocksdb::Iterator& it, absl::string_view reader, Position from,
                                 Position to, Visit visit);
  // Up to where `reader` is to be forgotten now; 0: nothing is.
  uint64_t TrimBelow(absl::string_view reader, Position checkpoint) ABSL_LOCKS_EXCLUDED(mutex_);

  DerivedDatabase& database_;
  const uint64_t positions_kept_;

  absl::Mutex mutex_;
  std::map<std::string, uint64_t> trimmed_ ABSL_GUARDED_BY(mutex_);  // by reader
};

}  // namespace nexus::storage
