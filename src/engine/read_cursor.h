#pragma once

// A read in progress: pages of what was stored when it began.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "index/filtered_reader.h"
#include "index/selection.h"
#include "nexus/core/event.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"

namespace nexus::engine {

// All bounds hold together.
struct ReadQuery {
  std::string stream = {};            // empty: the whole log
  std::optional<uint64_t> from = {};  // first revision (or position) in the direction, inclusive
  std::optional<uint64_t> to = {};    // last one, inclusive
  std::optional<Timestamp> from_time = {};  // recorded then or later
  std::optional<Timestamp> to_time = {};    // recorded before
  Direction direction = Direction::kForward;
  uint64_t limit = 0;  // 0: none
  Position min_position = {};
  bool exclude_system = false;  // whole log
  EventFilter filter = {};
  index::Visible visible = nullptr;  // set by the engine
};

struct ReadPage {
  EventBatch batch;  // maybe without events
  // The last revision (or position) that was looked at, or what bounds the read in its last page.
  // Nothing: no revision was, nor will be.
  std::optional<uint64_t> checkpoint = {};
  bool last = false;  // no page follows
};

// Not thread-safe. The readers must outlive it.
class ReadCursor {
 public:
  // MALFORMED_NAME for a bad stream name, STREAM_NOT_FOUND for one without events. Reads from disk.
  static absl::StatusOr<ReadCursor> Open(EventReader& reader, index::FilteredReader& filtered,
                                         const ReadQuery& query, PageLimits limits);

  // The next page, after a bounded look; one at least, nothing at the end. Reads from disk.
  absl::StatusOr<std::optional<ReadPage>> Next();

 private:
  ReadCursor(EventReader& reader, index::FilteredReader& filtered, const ReadQuery& query,
             StreamName stream, PageLimits limits);

  bool whole_log() const { return stream_.str().empty(); }
  bool forward() const { return query_.direction == Direction::kForward; }
  bool Ended() const { return low_ >= high_ || left_ == 0; }

  absl::Status SetBounds();
  absl::StatusOr<uint64_t> FirstAt(Timestamp time);
  absl::StatusOr<EventBatch> ReadNext();
  absl::StatusOr<EventBatch> ReadWholeLog(PageLimits limits);
  absl::StatusOr<EventBatch> ReadStreamPart(PageLimits limits);
  void Passed(uint64_t at);
  void Trim(EventBatch& batch);
  std::optional<uint64_t> Bound() const;

  EventReader* reader_;
  index::FilteredReader* filtered_;
  ReadQuery query_;
  index::Selection selection_;
  StreamName stream_;  // empty: the whole log
  PageLimits limits_;
  Position head_;  // when the read began: nothing beyond it is shown
  // Revisions (or positions) still to be looked at; `high_` is not one of them.
  uint64_t low_ = 0;
  uint64_t high_ = 0;
  std::optional<uint64_t> bound_;  // where the read ends unless its limit ends it
  uint64_t left_;
  bool told_end_ = false;
};

}  // namespace nexus::engine
