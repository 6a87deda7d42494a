#pragma once

// Numbers and texts as bytes, the conventions of docs/storage-format.md.
//
// Writers append and cannot fail. A ByteReader stops at the first thing that does not fit: from
// then on ok() is false and everything reads as zero or empty, so callers check once at the end.

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
