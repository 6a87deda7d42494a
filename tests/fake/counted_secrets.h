#pragma once

#include <atomic>
#include <cstdint>

#include "nexus/core/secret_source.h"

namespace nexus::fake {

// Repeatable secrets: no two alike, and easy to guess. Thread-safe.
class CountedSecrets : public SecretSource {
 public:
  void Fill(absl::Span<uint8_t> bytes) override {
    uint64_t state = ++count_ * 0x9E3779B97F4A7C15u;
    for (uint8_t& byte : bytes) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<uint8_t>(state >> 56);
    }
  }

 private:
  std::atomic<uint64_t> count_{0};
};

}  // namespace nexus::fake
