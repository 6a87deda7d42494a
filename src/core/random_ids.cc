#include "nexus/core/random_ids.h"

#include <sys/random.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace nexus {
namespace {

constexpr int kFractionBits = 12;

uint64_t Seed() {
  uint64_t seed = 0;
  if (getentropy(&seed, sizeof(seed)) != 0) std::abort();
  return seed;
}

// splitmix64's finaliser: a bijection of 64 bits in which every input bit reaches every output bit.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

uint64_t TickOf(Timestamp now) {
  const auto micros = static_cast<uint64_t>(std::max<int64_t>(now.micros, 0));
  const uint64_t fraction = ((micros % 1000) << kFractionBits) / 1000;
  return (micros / 1000) << kFractionBits | fraction;
}

void PutBigEndian(uint64_t value, size_t bytes, uint8_t* out) {
  for (size_t i = 0; i < bytes; ++i) {
    out[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
  }
}

}  // namespace

RandomIds::RandomIds(const Clock& clock) : clock_(clock), step_(Seed() | 1), state_(Seed()) {}

uint64_t RandomIds::Random() { return Mix(state_.fetch_add(step_, std::memory_order_relaxed)); }

uint64_t RandomIds::NextTick() {
  const uint64_t now = TickOf(clock_.Now());
  uint64_t last = last_tick_.load(std::memory_order_relaxed);
  uint64_t next;
  do {
    next = std::max(now, last + 1);
  } while (!last_tick_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

UuidBytes RandomIds::NewUuid() {
  const uint64_t tick = NextTick();
  UuidBytes bytes{};
  PutBigEndian(tick >> kFractionBits, 6, bytes.data());
  PutBigEndian(0x7000u | (tick & 0xFFFu), 2, bytes.data() + 6);
  PutBigEndian((Random() >> 2) | uint64_t{1} << 63, 8, bytes.data() + 8);
  return bytes;
}

}  // namespace nexus
