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
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"

namespace nexus {

inline constexpr size_t kUuidTextBytes = 36;

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

// Calls `term(kind, text)` for each term that `event` is found by. A correlation id that is the id
// of the event's own commit (what it is when nobody named one) is left out: CommitLocator finds it.
template <typename Term>
void ForEachTerm(const RecordedEvent& event, Term&& term) {
  using Kind = IndexTerm::Kind;
  term(Kind::kCategory, StreamName::CategoryOf(event.stream));
  term(Kind::kType, event.type);
  for (const absl::string_view tag : event.tags) term(Kind::kTag, tag);
  if (event.correlation_id.empty()) return;
  if (event.correlation_id.size() == kUuidTextBytes &&
      event.correlation_id == event.commit_id.ToString()) {
    return;
  }
  term(Kind::kCorrelation, event.correlation_id);
}

class EventIndex {
 public:
  virtual ~EventIndex() = default;

  // Everything up to and including this is indexed. 0: nothing. Cheap.
  virtual Position IndexedTo() const = 0;

  // Positions of events with this term within `range`, in the given direction, at most `max`.
  // NOT_READY if `range` ends beyond IndexedTo(): the index was cleared since the caller asked, and
  // an answer would leave out events. DATA_LOSS if it is damaged. The log knows, then.
  virtual absl::StatusOr<std::vector<Position>> Find(const IndexTerm& term, PositionRange range,
                                                     Direction direction, size_t max) = 0;

  // The events that follow IndexedTo(), without a gap. All or nothing; after a crash IndexedTo()
  // may be smaller again, never in the middle of an Add().
  virtual absl::Status Add(absl::Span<const RecordedEvent> events) = 0;

  // Forgets everything.
  virtual absl::Status Clear() = 0;
};

}  // namespace nexus
