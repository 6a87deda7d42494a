#pragma once

// SHA-256 of what lies in memory. Thread-safe.

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(absl::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);
// Whether `text` can be such.
bool IsSha256Hex(absl::string_view text);

}  // namespace nexus
