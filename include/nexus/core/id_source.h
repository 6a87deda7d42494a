#pragma once

// Fresh 128-bit ids and random numbers, injected, so that tests and simulations can replay them.

#include <cstdint>

#include "nexus/core/ids.h"

namespace nexus {

class IdSource {
 public:
  virtual ~IdSource() = default;

  // A new id, unique for ever. Thread-safe. The real one makes UUIDs of version 7 (RFC 9562): time
  // first, so that ids made in sequence also sort in sequence.
  virtual UuidBytes NewUuid() = 0;

  // 64 uniformly distributed bits, for back-off jitter and sampling. Thread-safe. Not for secrets.
  virtual uint64_t Random() = 0;
};

}  // namespace nexus
