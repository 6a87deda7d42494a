#pragma once

// Real ids and randomness.
//
// UUIDs of version 7: 48 bits of milliseconds, 12 bits of the fraction of that millisecond, 62
// random bits. Those of one RandomIds grow strictly, whatever the clock does: while it stands still
// or runs backwards, they count on from the last one. Thread-safe, lock-free, no system call beyond
// the clock's. Seeded by the kernel's random generator; good for uniqueness, not for secrets.

#include <atomic>
#include <cstdint>

#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"

namespace nexus {

class RandomIds : public IdSource {
 public:
  // `clock` must outlive this. Ends the process if the kernel gives no randomness.
  explicit RandomIds(const Clock& clock);

  UuidBytes NewUuid() override;
  uint64_t Random() override;

 private:
  uint64_t NextTick();

  const Clock& clock_;
  const uint64_t step_;  // odd, random: two processes walk different sequences
  std::atomic<uint64_t> state_;
  std::atomic<uint64_t> last_tick_{0};  // milliseconds << 12 | fraction
};

}  // namespace nexus
