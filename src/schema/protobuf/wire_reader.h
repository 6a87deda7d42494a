#pragma once

// Protobuf's wire format, element by element, over borrowed bytes. Each read moves `at`; one that
// fails leaves it where the element begins.

#include <cstddef>
#include <cstdint>

namespace nexus::schema {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

struct WireTag {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
};

struct WireBytes {
  const char* at = nullptr;
  const char* end = nullptr;

  bool empty() const { return at == end; }
};

// A varint of more than 64 bits is none: libraries differ in which bits they drop.
bool ReadLongVarint(WireBytes& bytes, uint64_t& value);
inline bool ReadVarint(WireBytes& bytes, uint64_t& value) {
  // Most have one byte.
  if (bytes.at == bytes.end || static_cast<uint8_t>(*bytes.at) >= 0x80) {
    return ReadLongVarint(bytes, value);
  }
  value = static_cast<uint8_t>(*bytes.at++);
  return true;
}
// False also for the field number 0 and the two types that do not exist.
bool ReadTag(WireBytes& bytes, WireTag& tag);
bool ReadFixed(WireBytes& bytes, size_t size);
bool ReadLength(WireBytes& bytes, WireBytes& content);
// The value behind `tag`, whatever it holds. `depth_max` bounds groups inside one another.
bool SkipValue(WireBytes& bytes, const WireTag& tag, size_t depth_max);

}  // namespace nexus::schema
