#pragma once

#include <cstdint>

namespace nexus::cost {

// Calls of operator new in this program so far, its libraries' included.
struct Allocations {
  uint64_t calls = 0;
  uint64_t bytes = 0;
};

Allocations AllocationsSoFar();

}  // namespace nexus::cost
