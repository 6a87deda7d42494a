#pragma once

// A point, looked up once: the positions of a stream's events up to there. Whatever is appended
// meanwhile, pages of one query agree on where it ends.

#include <optional>

#include "absl/status/statusor.h"
#include "nexus/core/event.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "temporal/past_query.h"

namespace nexus::temporal {

struct PastBound {
  Position position;                 // the last that counts
  std::optional<Revision> revision;  // likewise
  Timestamp time;                    // when it was: for the span between two

  bool Holds(const RecordedEvent& event) const {
    return event.position <= position && (!revision.has_value() || event.revision <= *revision);
  }

  friend bool operator==(const PastBound&, const PastBound&) = default;
};

// Reads from disk. MALFORMED_REQUEST for a time behind `now`; POSITION_BEYOND_HEAD for a position
// beyond the log or a revision beyond the stream; STREAM_NOT_FOUND.
absl::StatusOr<PastBound> FindBound(const PastPoint& point, const StreamName& stream, Timestamp now,
                                    EventReader& reader);

}  // namespace nexus::temporal
