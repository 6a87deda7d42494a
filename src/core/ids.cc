#include "nexus/core/ids.h"

#include <bit>
#include <cstring>

#include "nexus/core/errors.h"

namespace nexus {
namespace {

constexpr size_t kTextLength = 36;

bool IsDashPlace(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

constexpr std::array<int8_t, 256> MakeHexDigits() {
  std::array<int8_t, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 10; ++i) digits['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    digits['a' + i] = static_cast<int8_t>(10 + i);
    digits['A' + i] = static_cast<int8_t>(10 + i);
  }
  return digits;
}
constexpr std::array<int8_t, 256> kHexDigits = MakeHexDigits();

// -1 if it is none.
int HexDigit(char c) { return kHexDigits[static_cast<uint8_t>(c)]; }

// A number whose first byte in memory is its highest; its own inverse.
uint64_t BigEndian(uint64_t n) {
  if constexpr (std::endian::native == std::endian::big) return n;
  return __builtin_bswap64(n);
}

// The last eight bytes as one number.
uint64_t LowHalf(const UuidBytes& bytes) {
  uint64_t half = 0;
  std::memcpy(&half, bytes.data() + 8, sizeof(half));
  return BigEndian(half);
}

absl::Status Malformed() {
  return MakeError(ErrorReason::kMalformedId,
                   "an id must be a UUID: 8-4-4-4-12 hexadecimal digits with dashes");
}

}  // namespace

absl::StatusOr<UuidBytes> ParseUuid(absl::string_view text) {
  if (text.size() != kTextLength) return Malformed();
  UuidBytes bytes{};
  size_t at = 0;
  int wrong = 0;  // negative once a digit was none
  for (uint8_t& byte : bytes) {
    if (IsDashPlace(at) && text[at++] != '-') return Malformed();
    const int high = HexDigit(text[at++]);
    const int low = HexDigit(text[at++]);
    wrong |= high | low;
    byte = static_cast<uint8_t>(high << 4 | low);
  }
  if (wrong < 0) return Malformed();
  return bytes;
}

std::string FormatUuid(const UuidBytes& bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(kTextLength, '-');
  size_t at = 0;
  for (const uint8_t byte : bytes) {
    if (IsDashPlace(at)) ++at;
    text[at++] = kHex[byte >> 4];
    text[at++] = kHex[byte & 15];
  }
  return text;
}

EventId DeriveEventId(const CommitId& commit, uint32_t index) {
  // Adds (index + 1) * 2^24 to the last 62 bits, which are random in a UUID of version 4 or 7: the
  // ids of a commit ascend, and numbered commit ids (tests use them) do not meet.
  constexpr uint64_t kRandomBits = (uint64_t{1} << 62) - 1;
  uint64_t low = LowHalf(commit.bytes);
  const uint64_t moved = (low + (uint64_t{index} + 1) * (uint64_t{1} << 24)) & kRandomBits;
  low = (low & ~kRandomBits) | moved;
  EventId id{commit.bytes};
  const uint64_t half = BigEndian(low);
  std::memcpy(id.bytes.data() + 8, &half, sizeof(half));
  return id;
}

}  // namespace nexus
