#include "nexus/core/ids.h"

#include "nexus/core/errors.h"

namespace nexus {
namespace {

constexpr size_t kTextLength = 36;

bool IsDashPlace(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status Malformed() {
  return MakeError(ErrorReason::kMalformedId,
                   "an id must be a UUID: 8-4-4-4-12 hexadecimal digits with dashes");
}

}  // namespace

absl::StatusOr<UuidBytes> ParseUuid(absl::string_view text) {
  if (text.size() != kTextLength) return Malformed();
  UuidBytes bytes{};
  size_t digit = 0;
  for (size_t i = 0; i < kTextLength; ++i) {
    if (IsDashPlace(i)) {
      if (text[i] != '-') return Malformed();
      continue;
    }
    const int value = HexDigit(text[i]);
    if (value < 0) return Malformed();
    bytes[digit / 2] = static_cast<uint8_t>(bytes[digit / 2] << 4 | value);
    ++digit;
  }
  return bytes;
}

std::string FormatUuid(const UuidBytes& bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(kTextLength, '-');
  size_t digit = 0;
  for (size_t i = 0; i < kTextLength; ++i) {
    if (IsDashPlace(i)) continue;
    const uint8_t byte = bytes[digit / 2];
    text[i] = kHex[digit % 2 == 0 ? byte >> 4 : byte & 15];
    ++digit;
  }
  return text;
}

EventId DeriveEventId(const CommitId& commit, uint32_t index) {
  // Adds (index + 1) * 2^24 to the last 62 bits, which are random in a UUID of version 4 or 7: the
  // ids of a commit ascend, and numbered commit ids (tests use them) do not meet.
  constexpr uint64_t kRandomBits = (uint64_t{1} << 62) - 1;
  uint64_t low = 0;
  for (size_t i = 8; i < 16; ++i) low = low << 8 | commit.bytes[i];
  const uint64_t moved = (low + (uint64_t{index} + 1) * (uint64_t{1} << 24)) & kRandomBits;
  low = (low & ~kRandomBits) | moved;
  EventId id{commit.bytes};
  for (size_t i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<uint8_t>(low >> (8 * (7 - i)));
  return id;
}

}  // namespace nexus
