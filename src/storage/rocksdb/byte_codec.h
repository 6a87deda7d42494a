#pragma once

// Numbers and texts as bytes, the conventions of docs/storage-format.md.
//
// Writers append and cannot fail. A ByteReader stops at the first thing that does not fit: from
// then on ok() is false and everything reads as zero or empty, so callers check once at the end.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::storage {

void AppendU8(std::string& out, uint8_t n);
void AppendU32(std::string& out, uint32_t n);
void AppendU64(std::string& out, uint64_t n);
void AppendVarint(std::string& out, uint64_t n);
void AppendText(std::string& out, absl::string_view text);
inline void AppendBytes(std::string& out, absl::string_view bytes) {
  out.append(bytes.data(), bytes.size());
}

// What the above would append.
inline size_t VarintBytes(uint64_t n) {
  return (static_cast<size_t>(std::bit_width(n | 1)) + 6) / 7;
}
inline size_t TextBytes(absl::string_view text) { return VarintBytes(text.size()) + text.size(); }

// Writes the same into memory that is known to be large enough.
class ByteWriter {
 public:
  explicit ByteWriter(char* at) : at_(at) {}

  void U8(uint8_t n) { *at_++ = static_cast<char>(n); }
  void U64(uint64_t n) { Fixed(n, 8); }
  void Fixed(uint64_t n, size_t width) {
    for (size_t i = 0; i < width; ++i) U8(static_cast<uint8_t>(n >> (8 * (width - 1 - i))));
  }
  void Varint(uint64_t n) {
    for (; n >= 0x80; n >>= 7) U8(static_cast<uint8_t>(n | 0x80));
    U8(static_cast<uint8_t>(n));
  }
  void Bytes(absl::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void Text(absl::string_view text) {
    Varint(text.size());
    Bytes(text);
  }

  // Behind what was written last.
  char* at() const { return at_; }

 private:
  char* at_;
};

// Reads what the above wrote; views point into the input.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view in) : in_(in) {}

  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  uint64_t Varint() {
    // Nearly all numbers have one byte.
    if (!in_.empty() && static_cast<uint8_t>(in_[0]) < 0x80) {
      const auto n = static_cast<uint8_t>(in_[0]);
      in_.remove_prefix(1);
      return n;
    }
    return LongVarint();
  }
  absl::string_view Bytes(size_t count) {
    if (count > in_.size()) {
      Fail();
      return {};
    }
    const absl::string_view bytes = in_.substr(0, count);
    in_.remove_prefix(count);
    return bytes;
  }
  absl::string_view Text() { return Bytes(Varint()); }

  bool ok() const { return ok_; }
  size_t left() const { return in_.size(); }
  // Everything was read, and all of it fitted.
  bool done() const { return ok_ && in_.empty(); }
  // What has not been read yet.
  absl::string_view rest() const { return in_; }

 private:
  uint64_t LongVarint();
  uint64_t Fixed(size_t width);
  void Fail();

  absl::string_view in_;
  bool ok_ = true;
};

// 16 bytes of a UUID; nil if they are not there.
template <typename Id>
Id ReadId(ByteReader& in) {
  Id id;
  const absl::string_view bytes = in.Bytes(id.bytes.size());
  if (!bytes.empty()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

}  // namespace nexus::storage
