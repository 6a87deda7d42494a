#pragma once

// Secrets from the kernel's random generator.

#include "nexus/core/secret_source.h"

namespace nexus {

class SystemSecrets : public SecretSource {
 public:
  // Ends the process if the kernel gives no randomness: a guessable secret is worse than none.
  void Fill(absl::Span<uint8_t> bytes) override;
};

}  // namespace nexus
