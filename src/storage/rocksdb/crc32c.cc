#include "storage/rocksdb/crc32c.h"

#include <array>
#include <cstring>

namespace nexus::storage {
namespace {

constexpr uint32_t kReflectedPolynomial = 0x82F63B78u;

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? kReflectedPolynomial : 0);
    }
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

#if defined(__x86_64__)
// The instruction takes three cycles but may begin in each: three blocks beside each other cost
// little more than one. The checksum of bytes with zeros behind them is linear in its bits, so that
// one table joins the three.
constexpr size_t kBlockBytes = 512;
using SkipTable = std::array<std::array<uint32_t, 256>, 4>;

constexpr SkipTable MakeSkipTable() {
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < of_bit.size(); ++bit) {
    uint32_t state = uint32_t{1} << bit;
    for (size_t i = 0; i < kBlockBytes; ++i) state = (state >> 8) ^ kTable[state & 0xff];
    of_bit[bit] = state;
  }
  SkipTable table{};
  for (size_t byte = 0; byte < table.size(); ++byte) {
    for (size_t value = 0; value < 256; ++value) {
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1) != 0) table[byte][value] ^= of_bit[8 * byte + bit];
      }
    }
  }
  return table;
}

constexpr SkipTable kSkip = MakeSkipTable();

// The state behind one block of zeros.
uint64_t SkipBlock(uint64_t state) {
  return kSkip[0][state & 0xff] ^ kSkip[1][state >> 8 & 0xff] ^ kSkip[2][state >> 16 & 0xff] ^
         kSkip[3][state >> 24 & 0xff];
}

__attribute__((target("sse4.2"))) inline uint64_t TakeWord(uint64_t state, const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return __builtin_ia32_crc32di(state, word);
}

__attribute__((target("sse4.2"))) uint32_t ExtendBySse(uint32_t crc, absl::string_view bytes) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t state = static_cast<uint32_t>(~crc);
  for (; left >= 3 * kBlockBytes; at += 3 * kBlockBytes, left -= 3 * kBlockBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < kBlockBytes; i += 8) {
      state = TakeWord(state, at + i);
      second = TakeWord(second, at + kBlockBytes + i);
      third = TakeWord(third, at + 2 * kBlockBytes + i);
    }
    state = SkipBlock(SkipBlock(state) ^ second) ^ third;
  }
  for (; left >= 8; at += 8, left -= 8) state = TakeWord(state, at);
  uint32_t tail = static_cast<uint32_t>(state);
  for (; left > 0; ++at, --left) {
    tail = __builtin_ia32_crc32qi(tail, static_cast<uint8_t>(*at));
  }
  return ~tail;
}
#endif

}  // namespace

uint32_t ExtendCrc32cPortable(uint32_t crc, absl::string_view bytes) {
  uint32_t state = ~crc;
  for (const char byte : bytes) {
    state = (state >> 8) ^ kTable[(state ^ static_cast<uint8_t>(byte)) & 0xff];
  }
  return ~state;
}

uint32_t ExtendCrc32c(uint32_t crc, absl::string_view bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ExtendBySse(crc, bytes);
#endif
  return ExtendCrc32cPortable(crc, bytes);
}

}  // namespace nexus::storage
