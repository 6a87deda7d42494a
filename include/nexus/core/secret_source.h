#pragma once

// Bits that nobody can guess, injected: for tokens and keys. Everything else takes an IdSource.
//
// Thread-safe. Implementations: core/system_secrets (the kernel's), tests/fake/counted_secrets.

#include <cstdint>

#include "absl/types/span.h"

namespace nexus {

class SecretSource {
 public:
  virtual ~SecretSource() = default;

  virtual void Fill(absl::Span<uint8_t> bytes) = 0;
};

}  // namespace nexus
