#include "storage/rocksdb/chain_digest.h"

#include "storage/rocksdb/byte_codec.h"

namespace nexus::storage {
namespace {

// Format and length of the placement stand before the checksums.
constexpr size_t kCrcOffset = 5;

// Odd, so that multiplying is a bijection; the second of each pair takes the first back.
constexpr uint64_t kMixFirst = 0xbf58476d1ce4e5b9;
constexpr uint64_t kMixFirstInverse = 0x96de1b173f119089;
constexpr uint64_t kMixSecond = 0x94d049bb133111eb;
constexpr uint64_t kMixSecondInverse = 0x319642b2d24d8ec3;

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * kMixFirst;
  x = (x ^ (x >> 27)) * kMixSecond;
  return x ^ (x >> 31);
}

uint64_t Unmix(uint64_t x) {
  x = (x ^ (x >> 31) ^ (x >> 62)) * kMixSecondInverse;
  x = (x ^ (x >> 27) ^ (x >> 54)) * kMixFirstInverse;
  return x ^ (x >> 30) ^ (x >> 60);
}

uint64_t Checksums(const ChainLink& link) {
  return (uint64_t{link.placement_crc} << 32) | link.proposal_crc;
}

}  // namespace

ChainLink LinkOf(Position first, absl::string_view head) {
  ByteReader in(head.substr(kCrcOffset));
  ChainLink link;
  link.first = first;
  link.placement_crc = in.U32();
  link.proposal_crc = in.U32();
  return link;
}

uint64_t ChainAfter(uint64_t chain, const ChainLink& link) {
  return Mix(Mix(chain ^ link.first.value) ^ Checksums(link));
}

uint64_t ChainBefore(uint64_t chain, const ChainLink& link) {
  return Unmix(Unmix(chain) ^ Checksums(link)) ^ link.first.value;
}

}  // namespace nexus::storage
