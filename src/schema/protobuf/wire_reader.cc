#include "schema/protobuf/wire_reader.h"

namespace nexus::schema {
namespace {

bool SkipGroup(WireBytes& bytes, uint32_t number, size_t depth_max) {
  if (depth_max == 0) return false;
  WireTag tag;
  while (ReadTag(bytes, tag)) {
    if (tag.type == WireType::kEndGroup) return tag.number == number;
    if (!SkipValue(bytes, tag, depth_max - 1)) return false;
  }
  return false;
}

}  // namespace

bool ReadLongVarint(WireBytes& bytes, uint64_t& value) {
  value = 0;
  const char* at = bytes.at;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at == bytes.end) return false;
    const auto byte = static_cast<uint8_t>(*at++);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      bytes.at = at;
      return true;
    }
  }
  return false;
}

bool ReadTag(WireBytes& bytes, WireTag& tag) {
  WireBytes rest = bytes;
  uint64_t value = 0;
  if (!ReadVarint(rest, value) || value > UINT32_MAX || rest.at - bytes.at > 5) return false;
  tag.number = static_cast<uint32_t>(value >> 3);
  if (tag.number == 0 || (value & 7) > 5) return false;
  tag.type = static_cast<WireType>(value & 7);
  bytes.at = rest.at;
  return true;
}

bool ReadFixed(WireBytes& bytes, size_t size) {
  if (static_cast<size_t>(bytes.end - bytes.at) < size) return false;
  bytes.at += size;
  return true;
}

bool ReadLength(WireBytes& bytes, WireBytes& content) {
  WireBytes rest = bytes;
  uint64_t size = 0;
  if (!ReadVarint(rest, size)) return false;
  if (size > static_cast<uint64_t>(rest.end - rest.at) || rest.at - bytes.at > 5) return false;
  content = {rest.at, rest.at + size};
  bytes.at = content.end;
  return true;
}

bool SkipValue(WireBytes& bytes, const WireTag& tag, size_t depth_max) {
  const char* const begin = bytes.at;
  uint64_t value = 0;
  WireBytes content;
  bool skipped = false;
  switch (tag.type) {
    case WireType::kVarint:
      skipped = ReadVarint(bytes, value);
      break;
    case WireType::kFixed64:
      skipped = ReadFixed(bytes, 8);
      break;
    case WireType::kFixed32:
      skipped = ReadFixed(bytes, 4);
      break;
    case WireType::kLength:
      skipped = ReadLength(bytes, content);
      break;
    case WireType::kGroup:
      skipped = SkipGroup(bytes, tag.number, depth_max);
      break;
    case WireType::kEndGroup:
      break;
  }
  if (!skipped) bytes.at = begin;
  return skipped;
}

}  // namespace nexus::schema
