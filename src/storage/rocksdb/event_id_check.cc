#include "storage/rocksdb/event_id_check.h"

#include <string>

#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {

absl::StatusOr<bool> EventIdAgrees(LogDatabase& database, const rocksdb::ReadOptions& options,
                                   const log::StreamHead& head, const RecordedEvent& event) {
  if (event.revision.value < head.sorted_count) {
    const bool last = event.revision.value + 1 == head.sorted_count;
    return last ? event.id == head.last_sorted_id : event.id < head.last_sorted_id;
  }
  if (event.id > head.max_id) return false;
  std::string row;
  const rocksdb::Status got = database.db().Get(
      options, database.event_ids(), EncodeEventIdKey(head.first_position, event.id), &row);
  if (got.IsNotFound()) return false;
  if (!got.ok()) return ToStatus(got, "reading the row of an event id");
  return row == EncodeRevision(event.revision);
}

}  // namespace nexus::storage
