#pragma once

#include <atomic>
#include <cstdint>

#include "nexus/core/id_source.h"

namespace nexus::fake {

// Ids 1, 2, 3, ... in the last eight bytes. Thread-safe.
class SequentialIds : public IdSource {
 public:
  UuidBytes NewUuid() override {
    const uint64_t n = ++next_;
    UuidBytes bytes{};
    for (int i = 0; i < 8; ++i) bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
    return bytes;
  }
  // splitmix64: uniform, repeatable.
  uint64_t Random() override {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> state_{42};
};

}  // namespace nexus::fake
