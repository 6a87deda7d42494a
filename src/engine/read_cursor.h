#pragma once

// A read in progress: pages of what was stored when it began.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "nexus/core/event.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"

namespace nexus::engine {

struct ReadQuery {
  std::string stream = {};  // empty: the whole log
  std::optional<uint64_t> from = {};
  Direction direction = Direction::kForward;
  uint64_t limit = 0;  // 0: none
  Position min_position = {};
  bool exclude_system = false;
};

// Not thread-safe. The reader must outlive it.
class ReadCursor {
 public:
  // MALFORMED_NAME for a bad stream name.
  static absl::StatusOr<ReadCursor> Open(EventReader& reader, const ReadQuery& query,
                                         PageLimits limits);

  // The next page, never empty; nothing at the end. Reads from disk.
  absl::StatusOr<std::optional<EventBatch>> Next();

 private:
  ReadCursor(EventReader& reader, const ReadQuery& query, StreamName stream, PageLimits limits);

  absl::StatusOr<EventBatch> ReadPage();
  void Advance(const EventBatch& page);
  void Trim(EventBatch& page);

  EventReader* reader_;
  ReadQuery query_;
  StreamName stream_;  // empty: the whole log
  PageLimits limits_;
  Position head_;  // when the read began: nothing beyond it is shown
  uint64_t next_;
  uint64_t left_;
  bool end_ = false;
};

}  // namespace nexus::engine
