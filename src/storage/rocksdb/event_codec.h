#pragma once

// Constants that the writing and the reading side of record_codec share.

#include <cstddef>
#include <cstdint>

namespace nexus::storage {

// Of a commit record: 2 has more in the stamp than 1. Both are read, 2 is written.
inline constexpr uint8_t kRecordFormat = 2;
inline constexpr size_t kRecordPrefixBytes = 13;
// What of the stamp follows.
inline constexpr uint8_t kStampHasRequestDigest = 1;
inline constexpr uint8_t kStampHasInputDigest = 2;
inline constexpr uint8_t kEventHasRouting = 1;

}  // namespace nexus::storage
