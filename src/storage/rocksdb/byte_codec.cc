#include "storage/rocksdb/byte_codec.h"

namespace nexus::storage {
namespace {

constexpr int kVarintBitsMax = 64;
constexpr size_t kVarintBytesMax = 10;

// One append for a number, not one for each of its bytes.
void AppendFixed(std::string& out, uint64_t n, size_t width) {
  char bytes[8];
  ByteWriter(bytes).Fixed(n, width);
  out.append(bytes, width);
}

}  // namespace

void AppendU8(std::string& out, uint8_t n) { out.push_back(static_cast<char>(n)); }
void AppendU32(std::string& out, uint32_t n) { AppendFixed(out, n, 4); }
void AppendU64(std::string& out, uint64_t n) { AppendFixed(out, n, 8); }

void AppendVarint(std::string& out, uint64_t n) {
  if (n < 0x80) {
    out.push_back(static_cast<char>(n));
    return;
  }
  char bytes[kVarintBytesMax];
  ByteWriter writer(bytes);
  writer.Varint(n);
  out.append(bytes, static_cast<size_t>(writer.at() - bytes));
}

void AppendText(std::string& out, absl::string_view text) {
  AppendVarint(out, text.size());
  AppendBytes(out, text);
}

void ByteReader::Fail() {
  ok_ = false;
  in_ = {};
}

uint64_t ByteReader::Fixed(size_t width) {
  const absl::string_view bytes = Bytes(width);
  uint64_t n = 0;
  for (const char byte : bytes) n = n << 8 | static_cast<uint8_t>(byte);
  return n;
}

uint8_t ByteReader::U8() { return static_cast<uint8_t>(Fixed(1)); }
uint32_t ByteReader::U32() { return static_cast<uint32_t>(Fixed(4)); }
uint64_t ByteReader::U64() { return Fixed(8); }

uint64_t ByteReader::LongVarint() {
  uint64_t n = 0;
  for (int shift = 0; shift < kVarintBitsMax; shift += 7) {
    if (in_.empty()) break;
    const uint8_t byte = static_cast<uint8_t>(in_[0]);
    in_.remove_prefix(1);
    // The tenth byte has room for one bit only.
    if (shift == 63 && byte > 1) break;
    n |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return n;
  }
  Fail();
  return 0;
}

}  // namespace nexus::storage
