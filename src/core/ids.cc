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
  // An odd multiplier is a bijection of 32 bits, so distinct indexes give distinct ids; the "+ 1"
  // keeps the first one from being the commit id itself.
  const uint32_t mixed = (index + 1) * 0x9E3779B1u;
  EventId id{commit.bytes};
  for (size_t i = 0; i < 4; ++i) {
    id.bytes[12 + i] ^= static_cast<uint8_t>(mixed >> (8 * (3 - i)));
  }
  return id;
}

}  // namespace nexus
