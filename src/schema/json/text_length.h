#pragma once

#include <cstdint>
#include <string_view>

namespace nexus::schema {

// The length of a string as JSON Schema counts it: in code points of valid UTF-8.
inline uint64_t CodePoints(std::string_view text) {
  uint64_t count = 0;
  for (const char c : text) count += (static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace nexus::schema
