#pragma once

// The index in `derived/`: blocks of positions by term, written without a WAL.
//
// A crash sets it back to what RocksDB had flushed, always to the end of an Add(); the rest is
// indexed again. Thread-safe; Add() and Clear() by one thread at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/event_index.h"
#include "storage/rocksdb/derived_database.h"
#include "storage/rocksdb/posting_block.h"
#include "storage/rocksdb/posting_tails.h"

namespace nexus::storage {

struct RocksEventIndexOptions {
  // Of the log. An index of another incarnation knows another history and is dropped.
  uint64_t incarnation = 0;
  // The commit at a position of the log. An index whose last event is of another commit belongs to
  // another log (one that was put back from a backup), and is dropped. Empty: not asked.
  std::function<absl::StatusOr<CommitId>(Position)> commit_at;
  size_t cached_terms_max = 65'536;  // whose last block is held; about 200 bytes each
  size_t block_events_max = 1'024;
};

class RocksEventIndex : public EventIndex {
 public:
  // `database` must outlive it. A damaged index is cleared. Errors of the database only.
  static absl::StatusOr<std::unique_ptr<RocksEventIndex>> Open(
      DerivedDatabase& database, const RocksEventIndexOptions& options);

  Position IndexedTo() const override;
  absl::StatusOr<std::vector<Position>> Find(const IndexTerm& term, PositionRange range,
                                             Direction direction, size_t max) override;
  absl::Status Add(absl::Span<const RecordedEvent> events) override;
  absl::Status Clear() override;

 private:
  RocksEventIndex(DerivedDatabase& database, const RocksEventIndexOptions& options)
      : database_(database), options_(options), tails_(options.cached_terms_max) {}

  bool IsOfThisLog(const IndexTip& tip) const;
  absl::Status CheckFollows(absl::Span<const RecordedEvent> events) const;

  DerivedDatabase& database_;
  const RocksEventIndexOptions options_;
  PostingTails tails_;  // of Add() and Clear()

  mutable absl::Mutex mutex_;
  // Together: what is indexed, and where its postings are.
  Position indexed_to_ ABSL_GUARDED_BY(mutex_);
  DerivedDatabase::Family family_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
