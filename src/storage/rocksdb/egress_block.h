#pragma once

// Deliveries of one reader as one row of `derived/`: docs/storage-format.md, "egress". Pure.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/port/egress_ledger.h"

namespace nexus::storage {

// What a row may hold, so that few need to be looked at to find a position.
inline constexpr uint64_t kEgressSpanMax = 4'096;  // positions from its first to its last
inline constexpr size_t kEgressRowsMax = 1'024;

// `rows` by position, at least one. `places` are those that they name.
std::string EncodeEgressBlock(absl::Span<const EgressRow> rows,
                              const std::vector<std::string>& places);
// DATA_LOSS if no encoder wrote it.
absl::StatusOr<EgressBatch> DecodeEgressBlock(absl::string_view value);

// "reader\0" and the last position and the time of the last delivery.
std::string EgressKey(absl::string_view reader, Position last, Timestamp delivered);
// What all keys of `reader` begin with.
std::string EgressPrefix(absl::string_view reader);

}  // namespace nexus::storage
