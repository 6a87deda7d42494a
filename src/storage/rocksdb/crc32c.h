#pragma once

// CRC-32C (Castagnoli). RocksDB has one but does not show it, and its block checksums do not see a
// record that was damaged before it was handed over or that stands under a wrong key.

#include <cstdint>

#include "absl/strings/string_view.h"

namespace nexus::storage {

// Of the bytes that `crc` stands for (0: none) followed by `bytes`.
uint32_t ExtendCrc32c(uint32_t crc, absl::string_view bytes);

inline uint32_t Crc32c(absl::string_view bytes) { return ExtendCrc32c(0, bytes); }

// The form without special instructions; the same result. Here so that a test can compare them.
uint32_t ExtendCrc32cPortable(uint32_t crc, absl::string_view bytes);

}  // namespace nexus::storage
