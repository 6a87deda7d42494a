#pragma once

// Where an event stands: in the whole log, in its stream, and in time.

#include <compare>
#include <cstdint>

#include "nexus/core/strong_number.h"

namespace nexus {

// Place of an event in the whole log: 1 for the first, dense, in commit order. 0 stands before the
// first event: "read after 0" reads everything.
using Position = StrongNumber<struct PositionTag>;

// Place of an event in its stream: 0 for the first, dense.
using Revision = StrongNumber<struct RevisionTag>;

// Microseconds since 1970-01-01T00:00:00Z. The log's own times never run backwards.
struct Timestamp {
  int64_t micros = 0;

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
};

enum class Direction { kForward, kBackward };

}  // namespace nexus
