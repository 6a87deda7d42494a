#pragma once

// The rows of the column family `snapshots` (docs/storage-format.md). Pure.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/snapshot_store.h"

namespace nexus::storage {

// The row that says which log the others are of.
inline constexpr absl::string_view kSnapshotLogKey{"\0", 1};
std::string EncodeSnapshotLog(uint64_t incarnation);
absl::StatusOr<uint64_t> DecodeSnapshotLog(absl::string_view value);

// In front of every key, of every key of a stream, and a key.
std::string SnapshotTenantPrefix(uint32_t tenant);
std::string SnapshotPrefix(uint32_t tenant, absl::string_view stream);
std::string SnapshotKey(uint32_t tenant, absl::string_view stream, Revision revision);

struct SnapshotPlace {
  absl::string_view stream;  // a view into the key
  Revision revision;
};
// DATA_LOSS for what is no key of a snapshot.
absl::StatusOr<SnapshotPlace> DecodeSnapshotKey(absl::string_view key);

// The value under `key`, which has to be that of `snapshot`.
std::string EncodeSnapshot(absl::string_view key, const Snapshot& snapshot);
// DATA_LOSS, UNSUPPORTED_FORMAT.
absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view key, absl::string_view value);

}  // namespace nexus::storage
