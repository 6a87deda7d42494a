#pragma once

// Where a stream has an event id (docs/storage-format.md, "Event ids").
//
// Thread-safe. Every function may read from disk. Errors: DATA_LOSS for whatever should be there
// and is not, or is damaged.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

class EventLookup {
 public:
  // `database` must outlive this.
  explicit EventLookup(LogDatabase& database) : database_(database) {}

  // Among all events of the stream.
  absl::StatusOr<std::optional<Revision>> Find(const log::StreamPlace& stream, const EventId& id);
  // Among the first `sorted_count` alone, by bisection; and behind these, by their rows.
  absl::StatusOr<std::optional<Revision>> FindSorted(const log::StreamPlace& stream,
                                                     const EventId& id);
  absl::StatusOr<std::optional<Revision>> FindRow(const log::StreamPlace& stream,
                                                  const EventId& id);

  // The ids of the stream's first `sorted_count` events.
  absl::StatusOr<std::vector<EventId>> SortedIds(const log::StreamPlace& stream);

  // The commit that holds this event of the stream.
  absl::StatusOr<log::StoredCommit> CommitOf(const log::StreamPlace& stream, Revision revision);

 private:
  // The ids that one commit gave to a stream.
  struct StreamIds {
    Revision first;
    std::vector<EventId> ids;
  };

  // Puts the record that holds `revision` into `bytes`; the view points into it.
  absl::StatusOr<RecordView> RecordOf(const log::StreamPlace& stream, Revision revision,
                                      std::string& bytes);
  absl::StatusOr<StreamIds> IdsAround(const log::StreamPlace& stream, Revision revision);

  LogDatabase& database_;
};

}  // namespace nexus::storage
