#pragma once

// HMAC-SHA256 (RFC 2104). Thread-safe.

#include "absl/strings/string_view.h"
#include "digest/sha256.h"

namespace nexus {

Sha256Digest HmacSha256(absl::string_view key, absl::string_view bytes);

}  // namespace nexus
