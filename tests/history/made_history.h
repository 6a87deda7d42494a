#pragma once

// A history of concurrent clients, made without a log: a model decides, chance interleaves.

#include <cstddef>
#include <cstdint>

#include "history/history.h"

namespace nexus::history {

struct MadeOptions {
  size_t operations = 1'000;
  int clients = 8;
  int crashes = 3;
  uint64_t seed = 1;
};

// Correct, with `operations` appends and reads, refusals of every kind, unknown outcomes, retries
// of them, and a subscriber that goes on after each crash.
History MakeHistory(const MadeOptions& options);

}  // namespace nexus::history
