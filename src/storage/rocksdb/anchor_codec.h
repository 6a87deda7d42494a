#pragma once

// One slot of the anchor file as bytes (docs/storage-format.md, "anchor"). Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "nexus/core/position.h"

namespace nexus::storage {

inline constexpr size_t kAnchorSlotBytes = 4'096;
inline constexpr size_t kAnchorSlots = 2;

// What is known outside of RocksDB about the log: at least this much was on disk.
struct Anchor {
  uint64_t sequence = 0;  // of the write; its slot is sequence % kAnchorSlots
  uint64_t incarnation = 1;
  Position head;
  uint64_t chain = 0;  // at `head`
  uint64_t wal = 0;    // number of the newest write-ahead log
  bool clean = false;  // the log was closed in order: it ends at `head`

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// Exactly kAnchorSlotBytes.
std::string EncodeAnchorSlot(const Anchor& anchor);
// Nothing if the bytes are not a whole slot that EncodeAnchorSlot() wrote.
std::optional<Anchor> DecodeAnchorSlot(absl::string_view slot);

}  // namespace nexus::storage
