#pragma once

// Where events of a kind stand: an index of positions by term, derived from the log.
//
// It is built behind the tail and knows the log up to IndexedTo(); what lies beyond is for the
// caller to look at. It may be deleted and is built again from the log.
//
// Thread-safe; Add() and Clear() by one thread at a time. Calls may read from disk.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"

namespace nexus {

// What an event is found by.
struct IndexTerm {
  enum class Kind : uint8_t { kCategory = 1, kType = 2, kTag = 3, kCorrelation = 4 };

  Kind kind = Kind::kCategory;
  std::string text;

  friend auto operator<=>(const IndexTerm&, const IndexTerm&) = default;
};

// A part of the log, both ends inclusive.
struct PositionRange {
  Position first;
  Position last;
};

class EventIndex {
 public:
  virtual ~EventIndex() = default;

  // Everything up to and including this is indexed. 0: nothing. Cheap.
  virtual Position IndexedTo() const = 0;

  // Positions of events with this term within `range`, in the given direction, at most `max`. Looks
  // no further than IndexedTo().
  virtual absl::StatusOr<std::vector<Position>> Find(const IndexTerm& term, PositionRange range,
                                                     Direction direction, size_t max) = 0;

  // The events that follow IndexedTo(), without a gap. All or nothing; after a crash IndexedTo()
  // may be smaller again, never in the middle of an Add().
  virtual absl::Status Add(absl::Span<const RecordedEvent> events) = 0;

  // Forgets everything.
  virtual absl::Status Clear() = 0;
};

}  // namespace nexus
