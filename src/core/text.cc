#include "nexus/core/text.h"

#include <cstdint>
#include <cstring>

namespace nexus {
namespace {

// Length of the well-formed sequence at `p`, 0 if it is none. Table 3-7 of the Unicode standard.
size_t SequenceLength(const uint8_t* p, size_t left) {
  const auto tail = [&](size_t i) { return i < left && (p[i] & 0xC0) == 0x80; };
  const uint8_t b = p[0];
  if (b < 0x80) return 1;
  if (b < 0xC2) return 0;
  if (b < 0xE0) return tail(1) ? 2 : 0;
  if (b < 0xF0) {
    if (!tail(1) || !tail(2)) return 0;
    if (b == 0xE0 && p[1] < 0xA0) return 0;  // overlong
    if (b == 0xED && p[1] > 0x9F) return 0;  // surrogates
    return 3;
  }
  if (b > 0xF4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (b == 0xF0 && p[1] < 0x90) return 0;  // overlong
  if (b == 0xF4 && p[1] > 0x8F) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(absl::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    // Eight ASCII bytes at a time: nearly all text is that.
    uint64_t word;
    if (i + sizeof(word) <= text.size()) {
      std::memcpy(&word, bytes + i, sizeof(word));
      if ((word & 0x8080808080808080u) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const size_t length = SequenceLength(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

std::optional<size_t> FindControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x20 || c == 0x7F) return i;
  }
  return std::nullopt;
}

}  // namespace nexus
