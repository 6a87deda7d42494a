#pragma once

// Reading the whole log again to see whether it is what was written.

#include <cstdint>
#include <string>
#include <vector>

#include "nexus/core/position.h"

namespace nexus {

struct VerifyProgress {
  Position position;  // everything up to here was looked at
  Position head;      // where the log ends, as of now
  uint64_t errors = 0;
  std::vector<std::string> findings;  // what is wrong, a sentence each; only the first ones
  bool done = false;
};

// One walk. Not thread-safe; several may go on beside each other and beside appends. The log must
// outlive it.
class LogVerification {
 public:
  virtual ~LogVerification() = default;

  // Reads on for some tens of milliseconds, from disk. Damage is a finding, never an end.
  virtual VerifyProgress Advance() = 0;
};

}  // namespace nexus
