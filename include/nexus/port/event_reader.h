#pragma once

// Reading the log. Every read is checked for gaps: a hole is DATA_LOSS, never a shorter answer.
//
// Thread-safe. Calls may read from disk: keep them off threads that must not block.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"

namespace nexus {

struct PageLimits {
  size_t events_max = 1'024;
  size_t bytes_max = 1 << 20;  // of data, metadata and tags; a page holds one event at least
};

struct StreamInfo {
  std::string name;
  Revision last_revision;  // the stream has last_revision + 1 events
  Position first_position;
  Position last_position;
  Timestamp created;
  Timestamp updated;
};

struct StreamQuery {
  std::string name_prefix;      // empty: every stream
  std::string category;         // empty: every category
  std::string after;            // names strictly greater than this; empty: from the first
  bool include_system = false;  // '$' streams too
  size_t limit = 100;
};

struct StreamPage {
  std::vector<StreamInfo> streams;  // by name, bytewise
  // The last name that was looked at, if some were left out since; the next page is after it.
  std::string looked_to = {};
  bool end = false;  // nothing follows
};

class EventReader {
 public:
  virtual ~EventReader() = default;

  // The last durable position; 0 for an empty log. Cheap.
  virtual Position Head() const = 0;

  // A page of the whole log from `from` on, inclusive, forwards or backwards. Forwards from beyond
  // the head, or backwards from 0, is an empty page with `end` set; backwards from beyond the head
  // starts at the head.
  virtual absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                             PageLimits limits) = 0;

  // The same within one stream, by revision. STREAM_NOT_FOUND if it has no event.
  virtual absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                                Direction direction, PageLimits limits) = 0;

  // The events at these positions, in this order: what an index found. Positions ascend or descend
  // strictly. As many of them as `limits` allow, one at least; `end` is set if all are there. A
  // position beyond the head or a hole is DATA_LOSS: an index knows only what was stored.
  virtual absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                            PageLimits limits) = 0;

  // The first position whose event was recorded at `time` or later; one beyond the head if none
  // was. Recorded times never run backwards, so this cuts the log in two.
  virtual absl::StatusOr<Position> FirstRecordedAt(Timestamp time) = 0;

  // STREAM_NOT_FOUND if it has no event.
  virtual absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) = 0;

  virtual absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) = 0;
};

}  // namespace nexus
