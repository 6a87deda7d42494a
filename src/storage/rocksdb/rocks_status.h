#pragma once

// What RocksDB says, in Nexus's words. The only place that looks at rocksdb::Status codes.

#include <rocksdb/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::storage {

// Of a read or an open: OK, DATA_LOSS (corruption, a read error, a missing file), NOT_READY (busy,
// shutting down), DISK_FULL or INTERNAL. NotFound is the caller's business: here it is DATA_LOSS,
// because whoever does not treat it himself expected the thing to be there.
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing);

// Of opening the log: DATA_LOSS for whatever is missing or damaged, DISK_FULL with what to do.
absl::Status ToOpenStatus(const rocksdb::Status& status);

// Of a failed write, whatever failed: OUTCOME_UNKNOWN.
absl::Status ToWriteStatus(const rocksdb::Status& status);

}  // namespace nexus::storage
