#pragma once

// Reads the events of the log that match: through the index as far as it goes, from the log itself
// beyond it. The answer is that of a reader who looks at every event, at every moment.
//
// An index that is cleared meanwhile, or damaged, costs time only: the log is read in its place,
// and the failure is counted. Thread-safe. Calls read from disk. The parts must outlive it.

#include <cstddef>
#include <optional>

#include "absl/status/statusor.h"
#include "index/selection.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_index.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/metrics.h"

namespace nexus::index {

struct FilteredReaderParts {
  EventReader& reader;
  CommitLocator& commits;
  EventIndex& index;
  Counter* failures = nullptr;  // of the index; nullptr: nobody counts them
};

// The counter for FilteredReaderParts.
Counter& IndexFailures(MetricsRegistry& metrics);

struct FilteredReaderOptions {
  // Events of the log, or entries of the index, that one Page() looks at, about.
  size_t looked_at_max = 65'536;
  PageLimits scan_page = {1'024, 1 << 20};
};

struct FilteredPage {
  // Those that match; maybe none. `end`: all of the range was looked at, as of `head`.
  EventBatch batch;
  // The last position that was looked at, in the direction of the read. Nothing was left out
  // before it. Just outside of the range if that holds no event.
  Position scanned_to;
};

class FilteredReader {
 public:
  explicit FilteredReader(const FilteredReaderParts& parts, FilteredReaderOptions options = {})
      : parts_(parts), options_(options) {}

  // Matching events within `range` (from 1 on; what lies beyond the head is not there yet), from
  // its near end in `direction`. Looks at a bounded part of the log, so a page may be without
  // events; go on behind `scanned_to`. It moves with every page.
  absl::StatusOr<FilteredPage> Page(const Selection& selection, PositionRange range,
                                    Direction direction, PageLimits limits);

  // The first match in (after, up_to] up to the head: what an append condition asks. Not bounded
  // but by the log: cheap where the index knows the terms.
  absl::StatusOr<std::optional<Position>> FirstMatch(const EventFilter& filter, Position after,
                                                     Position up_to);

 private:
  class Reading;

  const FilteredReaderParts parts_;
  const FilteredReaderOptions options_;
};

}  // namespace nexus::index
