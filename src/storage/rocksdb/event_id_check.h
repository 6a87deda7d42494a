#pragma once

// Whether what is kept for finding an event by its id agrees with the event.
//
// Thread-safe.

#include <rocksdb/options.h>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "nexus/core/event.h"
#include "storage/rocksdb/log_database.h"

namespace nexus::storage {

// Against its stream's head and, if it is not among the ascending ids, its row in `event_ids`.
// DATA_LOSS, INTERNAL if that cannot be read. `options` may have a snapshot, that of the head.
absl::StatusOr<bool> EventIdAgrees(LogDatabase& database, const rocksdb::ReadOptions& options,
                                   const log::StreamHead& head, const RecordedEvent& event);

}  // namespace nexus::storage
