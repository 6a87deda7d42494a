#pragma once

// Rows of the index (docs/storage-format.md, derived/): a block of ascending positions of one term.
// Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "nexus/port/event_index.h"

namespace nexus::storage {

// How far the index has come: one row, before all postings.
inline constexpr absl::string_view kIndexTipKey{"\0", 1};
struct IndexTip {
  Position indexed_to;
  uint64_t incarnation = 0;  // of the log that was indexed
  CommitId commit;           // of the last event: another log has another one there

  friend bool operator==(const IndexTip&, const IndexTip&) = default;
};
std::string EncodeIndexTip(const IndexTip& tip);
absl::StatusOr<IndexTip> DecodeIndexTip(absl::string_view value);

// What the keys of all blocks of a term begin with, and of no other.
std::string PostingPrefix(IndexTerm::Kind kind, absl::string_view text);
std::string PostingKey(absl::string_view prefix, Position first);

// A block under construction.
struct PostingBlock {
  Position first;
  Position last;
  std::string deltas;  // from each position to the next, varints; its value
  uint32_t count = 0;

  // `position` lies beyond `last`, or is the same (a term twice in one event).
  void Append(Position position);
};

// The positions of a stored block; `key` is what follows the prefix.
absl::StatusOr<std::vector<Position>> DecodePostings(absl::string_view key,
                                                     absl::string_view value);

}  // namespace nexus::storage
