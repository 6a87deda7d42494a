#pragma once

// What the log holds, for the ordering thread: caches first, RocksDB behind them.
//
// Not thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "log/recent_events.h"
#include "storage/rocksdb/event_lookup.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/log_metrics.h"
#include "storage/rocksdb/stream_head_cache.h"

namespace nexus::storage {

class StoredState : public log::LogState {
 public:
  // The references must outlive this. The log ends at `head`; `recent` holds its newest events.
  StoredState(LogDatabase& database, Position head, size_t cached_streams_max,
              const log::RecentEvents& recent, const LogMetrics& metrics)
      : database_(database),
        events_(database),
        recent_(recent),
        metrics_(metrics),
        heads_(cached_streams_max),
        head_(head) {}

  absl::StatusOr<std::optional<log::StreamHead>> FindStream(uint32_t tenant,
                                                            absl::string_view name) override;
  absl::StatusOr<std::optional<log::StoredCommit>> FindCommit(uint32_t tenant,
                                                              const CommitId& id) override;
  absl::StatusOr<std::optional<Revision>> FindEvent(const log::StreamPlace& stream,
                                                    const EventId& id) override;
  absl::StatusOr<log::StoredCommit> CommitOf(const log::StreamPlace& stream,
                                             Revision revision) override;
  absl::StatusOr<std::optional<Position>> FirstMatch(uint32_t tenant, const EventFilter& filter,
                                                     Position after) override;

  // A head that became durable under its row key.
  void Moved(const std::string& key, const log::StreamHead& head) { heads_.Put(key, head); }
  // Where the log ends: what is looked up is stored up to here.
  void SetHead(Position head) { head_ = head; }

 private:
  absl::StatusOr<std::optional<Revision>> FindInShortPrefix(const log::StreamPlace& stream,
                                                            const EventId& id);
  // From the log, in positions behind `after` and before `end`.
  absl::StatusOr<std::optional<Position>> ReadForMatch(uint32_t tenant, const EventFilter& filter,
                                                       Position after, Position end);

  LogDatabase& database_;
  EventLookup events_;
  const log::RecentEvents& recent_;
  const LogMetrics& metrics_;
  StreamHeadCache heads_;
  Position head_;
  // Sorted ids of streams that stopped ascending early, by stream number: they never change.
  // Streams with random ids are asked for them again and again.
  absl::flat_hash_map<Position, std::vector<EventId>> short_prefixes_;
};

// The commit stored under this id, or nothing. Thread-safe. DATA_LOSS if its record is missing.
absl::StatusOr<std::optional<log::StoredCommit>> LoadCommit(LogDatabase& database, uint32_t tenant,
                                                            const CommitId& id);

// The first receipt of the stored commit that has all events of `candidate` and its content, under
// whatever commit id; nothing if there is none up to `head`. Thread-safe.
absl::StatusOr<std::optional<CommitReceipt>> FindRepeat(LogDatabase& database, Position head,
                                                        const Commit& candidate);

}  // namespace nexus::storage
