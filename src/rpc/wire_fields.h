#pragma once

// Fields of protobuf's wire format, sized and written. Writers trust that the room was measured.
// Proto3: a scalar or text that is empty is not on the wire. Pure; thread-safe.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/numeric/bits.h"
#include "absl/strings/string_view.h"

namespace nexus::rpc {

constexpr uint32_t kNumber = 0;   // varint
constexpr uint32_t kFixed64 = 1;  // 8 bytes, little-endian
constexpr uint32_t kBytes = 2;    // length, then so many bytes

inline size_t VarintBytes(uint64_t n) {
  return (static_cast<size_t>(absl::bit_width(n | 1)) + 6) / 7;
}
// Tags of one byte up to field 15, of two up to 2,047.
constexpr size_t TagBytes(uint32_t field) { return field < 16 ? 1 : 2; }

inline size_t NumberBytes(uint32_t field, uint64_t n) {
  return n == 0 ? 0 : TagBytes(field) + VarintBytes(n);
}
// A text or message that stands on the wire even if it is empty.
inline size_t LengthBytes(uint32_t field, size_t size) {
  return TagBytes(field) + VarintBytes(size) + size;
}
inline size_t TextBytes(uint32_t field, absl::string_view text) {
  return text.empty() ? 0 : LengthBytes(field, text.size());
}

inline char* WriteVarint(char* out, uint64_t n) {
  while (n >= 0x80) {
    *out++ = static_cast<char>(n | 0x80);
    n >>= 7;
  }
  *out++ = static_cast<char>(n);
  return out;
}
inline char* WriteTag(char* out, uint32_t field, uint32_t kind) {
  return WriteVarint(out, field << 3 | kind);
}
inline char* WriteBytes(char* out, absl::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

// Also if `n` is 0.
inline char* WritePresent(char* out, uint32_t field, uint64_t n) {
  return WriteVarint(WriteTag(out, field, kNumber), n);
}
inline char* WriteNumber(char* out, uint32_t field, uint64_t n) {
  return n == 0 ? out : WritePresent(out, field, n);
}
// What precedes `size` bytes.
inline char* WriteLength(char* out, uint32_t field, size_t size) {
  return WriteVarint(WriteTag(out, field, kBytes), size);
}
inline char* WriteItem(char* out, uint32_t field, absl::string_view text) {
  return WriteBytes(WriteLength(out, field, text.size()), text);
}
inline char* WriteText(char* out, uint32_t field, absl::string_view text) {
  return text.empty() ? out : WriteItem(out, field, text);
}

}  // namespace nexus::rpc
