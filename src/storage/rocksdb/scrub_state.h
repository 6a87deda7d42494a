#pragma once

// How far the scrubber is, as a row of `derived/` (docs/storage-format.md). Pure.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/rocksdb/log_audit.h"

namespace nexus::storage {

struct ScrubState {
  uint64_t incarnation = 0;  // of the log that was read
  AuditState walk = {};
  bool running = false;
  Timestamp finished = {};  // when a walk ended last; 0: never

  friend bool operator==(const ScrubState&, const ScrubState&) = default;
};

std::string EncodeScrubState(const ScrubState& state);
// DATA_LOSS if no encoder wrote it: begin anew.
absl::StatusOr<ScrubState> DecodeScrubState(absl::string_view value);

}  // namespace nexus::storage
