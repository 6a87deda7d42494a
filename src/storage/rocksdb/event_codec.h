#pragma once

// Constants that the writing and the reading side of record_codec share.

#include <cstddef>
#include <cstdint>

namespace nexus::storage {

inline constexpr size_t kRecordPrefixBytes = 13;
inline constexpr uint8_t kEventHasRouting = 1;

}  // namespace nexus::storage
