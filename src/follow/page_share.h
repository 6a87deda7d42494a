#pragma once

// PageShare: the newest pages of the whole log, read once for all who follow it.
//
// When the log grows, every live reader wants the same page. The first one reads it, the others get
// the same object. A few pages near the end of the log are kept; who is further back reads alone.
//
// Thread-safe; Page() reads from disk. `reader` must outlive it.

#include <deque>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/port/cache_counters.h"
#include "nexus/port/event_reader.h"

namespace nexus::follow {

struct SharedPage {
  // Checked for holes. May have been read a moment ago: `head` and `end` are of then.
  std::shared_ptr<const EventBatch> batch;
  bool shared = false;  // others may hold it, too
};

class PageShare {
 public:
  explicit PageShare(EventReader& reader, CacheCounters counters = {})
      : reader_(reader), counters_(counters) {}

  // The events from `next` on, which must not lie beyond the head; at least half of what `limits`
  // allow of them now. Errors: DATA_LOSS for a hole, and what the reader says; they are not kept.
  absl::StatusOr<SharedPage> Page(Position next, PageLimits limits);

 private:
  struct Entry {
    Position next;
    PageLimits limits;
    std::shared_ptr<const EventBatch> batch;
  };

  absl::StatusOr<std::shared_ptr<const EventBatch>> Read(Position next, PageLimits limits);

  EventReader& reader_;
  const CacheCounters counters_;
  // Held while a page is read: whoever waits wants that page.
  absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::follow
