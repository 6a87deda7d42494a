#pragma once

// The traits of the events that were committed last, in memory: an append condition is checked
// against them without reading the log.
//
// Thread-safe; one thread adds. Bounded: whole segments of the oldest commits leave.

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "log/commit_traits.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"

namespace nexus::log {

class RecentEvents {
 public:
  struct Options {
    size_t events_max = 65'536;
    size_t bytes_max = 16 << 20;
  };
  struct Answer {
    // Whether every position that was asked for is held here; if not, `match` is nothing.
    bool covered = false;
    std::optional<Position> match = {};
  };

  // Holds nothing yet of a log that ends at `head`.
  RecentEvents(Options options, Position head);

  // The events of the log's next commit, which begins at `first`. Call it before the head that
  // covers them is published: then whoever sees the head finds them here.
  void Add(Position first, std::shared_ptr<const CommitTraits> traits);

  // The first event after `after` and up to `up_to` that matches; `up_to` is not beyond the head.
  Answer FirstMatch(uint32_t tenant, const EventFilter& filter, Position after,
                    Position up_to) const;
  // The same for a filter that is asked about more than once.
  Answer FirstMatch(uint32_t tenant, const FilterProbe& probe, Position after,
                    Position up_to) const;

  // The first position held; the one behind the head if none is.
  Position Start() const;

 private:
  struct Entry {
    Position first;
    // Of all its events together, so that most commits are passed over without being touched.
    uint64_t signature = 0;
    std::shared_ptr<const CommitTraits> traits;
  };
  // Commits behind one another. The adding thread fills `entries` and then raises `count`: what is
  // below `count` never changes, so readers need no lock.
  struct Segment {
    static constexpr size_t kCommits = 256;

    std::array<Entry, kCommits> entries;
    std::atomic<size_t> count{0};
    size_t events = 0;  // the adding thread's own
    size_t bytes = 0;
  };
  using SegmentPtr = std::shared_ptr<Segment>;

  bool Full(const Segment& segment) const;
  // The segments that hold positions behind `after`; empty if some of these are not held.
  std::vector<SegmentPtr> SegmentsAfter(Position after) const;
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  SegmentPtr last_;  // the adding thread's own; where it adds
  size_t events_ = 0;
  size_t bytes_ = 0;

  mutable absl::Mutex mutex_;
  std::deque<SegmentPtr> segments_ ABSL_GUARDED_BY(mutex_);
  Position start_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::log
