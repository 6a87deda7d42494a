#pragma once

// Nexus-Signature: t=1700000000,v1=5257a8...
//
// v1 is HMAC-SHA256 with the shared secret over the decimal Unix seconds of `t`, a '.', and the
// body, in hexadecimal. A receiver computes it over the bytes that it got, compares in constant
// time, and refuses a `t` that is too old.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::sink {

inline constexpr absl::string_view kSignatureHeader = "Nexus-Signature";

// The value of the header.
std::string SignatureOf(absl::string_view secret, int64_t unix_seconds, absl::string_view body);

}  // namespace nexus::sink
