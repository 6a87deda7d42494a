#pragma once

// CRC-64-AVRO, the 64-bit Rabin fingerprint that single-object encoding begins with.

#include <cstdint>

#include "absl/strings/string_view.h"

namespace nexus::schema {

uint64_t Crc64Avro(absl::string_view bytes);

// C3 01 and the fingerprint, low byte first.
inline constexpr size_t kSingleObjectHeaderBytes = 10;
// Whether `data` begins with the marker of single-object encoding and this fingerprint.
bool HasSingleObjectHeader(absl::string_view data, uint64_t fingerprint);
// Whether it begins with the marker and has room for a fingerprint, whatever that is.
bool LooksLikeSingleObject(absl::string_view data);

}  // namespace nexus::schema
