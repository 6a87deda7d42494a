#include "nexus/core/text.h"

#include <algorithm>
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

constexpr uint64_t kEach = 0x0101010101010101u;
constexpr uint64_t kHighBits = 0x80 * kEach;

// Eight bytes at once. No byte carries into the next: with a high bit the first test fails already.
bool IsPlainWord(uint64_t word) {
  const bool ascii = (word & kHighBits) == 0;
  const bool no_delete = ((word + kEach) & kHighBits) == 0;
  const bool no_control = (((word | kHighBits) - 0x20 * kEach) & kHighBits) == kHighBits;
  return ascii && no_delete && no_control;
}

bool IsPlainByte(uint8_t byte) { return byte >= 0x20 && byte < 0x7F; }

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

bool IsPlainAscii(absl::string_view text) {
  uint64_t word = 0;
  if (text.size() < sizeof(word)) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return IsPlainByte(static_cast<uint8_t>(c)); });
  }
  const size_t last = text.size() - sizeof(word);
  for (size_t i = 0; i < last; i += sizeof(word)) {
    std::memcpy(&word, text.data() + i, sizeof(word));
    if (!IsPlainWord(word)) return false;
  }
  // May look at some bytes again.
  std::memcpy(&word, text.data() + last, sizeof(word));
  return IsPlainWord(word);
}

}  // namespace nexus
