#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// SHA-256 of `bytes`: 64 lower-case hexadecimal digits. Thread-safe.
std::string Sha256Hex(absl::string_view bytes);
// Whether `text` can be one.
bool IsSha256Hex(absl::string_view text);

}  // namespace nexus::schema
