#include "schema/avro/fingerprint.h"

#include <array>
#include <cstddef>

namespace nexus::schema {
namespace {

constexpr uint64_t kEmptyFingerprint = 0xc15d213aa4d7a795;

constexpr std::array<uint64_t, 256> MakeCrcTable() {
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < table.size(); ++i) {
    uint64_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? kEmptyFingerprint : 0);
    }
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint64_t, 256> kCrcTable = MakeCrcTable();

}  // namespace

uint64_t Crc64Avro(absl::string_view bytes) {
  uint64_t value = kEmptyFingerprint;
  for (const char c : bytes) {
    value = (value >> 8) ^ kCrcTable[(value ^ static_cast<uint8_t>(c)) & 0xff];
  }
  return value;
}

bool LooksLikeSingleObject(absl::string_view data) {
  return data.size() >= kSingleObjectHeaderBytes && data[0] == '\xc3' && data[1] == '\x01';
}

bool HasSingleObjectHeader(absl::string_view data, uint64_t fingerprint) {
  if (!LooksLikeSingleObject(data)) return false;
  for (size_t i = 0; i < 8; ++i) {
    if (static_cast<uint8_t>(data[2 + i]) != ((fingerprint >> (8 * i)) & 0xff)) return false;
  }
  return true;
}

}  // namespace nexus::schema
