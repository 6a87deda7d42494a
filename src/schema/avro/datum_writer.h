#pragma once

// Appends values in Avro's binary encoding.

#include <bit>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

inline void AppendAvroLong(std::string& out, int64_t value) {
  // Zig-zag: small numbers of either sign become short.
  uint64_t rest = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (rest > 0x7f) {
    out += static_cast<char>((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  out += static_cast<char>(rest);
}

inline void AppendLittleEndian(std::string& out, uint64_t bits, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((bits >> (8 * i)) & 0xff);
}
inline void AppendAvroFloat(std::string& out, float value) {
  AppendLittleEndian(out, std::bit_cast<uint32_t>(value), 4);
}
inline void AppendAvroDouble(std::string& out, double value) {
  AppendLittleEndian(out, std::bit_cast<uint64_t>(value), 8);
}

// A string or bytes: the length, then the bytes.
inline void AppendAvroBytes(std::string& out, absl::string_view bytes) {
  AppendAvroLong(out, static_cast<int64_t>(bytes.size()));
  out.append(bytes.data(), bytes.size());
}

}  // namespace nexus::schema
