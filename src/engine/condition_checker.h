#pragma once

// Looks at the log for append conditions before a commit is proposed, so that the thread which
// orders commits has to look only at what was stored since.
//
// Thread-safe. The parts must outlive it.

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/filtered_reader.h"
#include "log/recent_events.h"
#include "nexus/core/commit.h"
#include "nexus/core/event_filter.h"
#include "nexus/port/event_reader.h"

namespace nexus::engine {

// Finds events that match, by whatever means. Thread-safe; may read from disk.
class MatchFinder {
 public:
  virtual ~MatchFinder() = default;

  // The first match after `after`, up to and including `up_to`, which is not beyond the head.
  virtual absl::StatusOr<std::optional<Position>> FirstMatch(const EventFilter& filter,
                                                             Position after, Position up_to) = 0;
};

// Through the index as far as it goes, by reading events beyond it.
class FilteredFinder : public MatchFinder {
 public:
  // `reader` must outlive this.
  explicit FilteredFinder(index::FilteredReader& reader) : reader_(reader) {}

  absl::StatusOr<std::optional<Position>> FirstMatch(const EventFilter& filter, Position after,
                                                     Position up_to) override {
    return reader_.FirstMatch(filter, after, up_to);
  }

 private:
  index::FilteredReader& reader_;
};

class ConditionChecker {
 public:
  // `recent`: the newest events of the log in memory; nullptr: nothing is in memory.
  ConditionChecker(const EventReader& reader, MatchFinder& older, const log::RecentEvents* recent)
      : reader_(reader), older_(older), recent_(recent) {}

  // Fills `checked` and `found` of each condition as far as memory reaches. False: Check() has to
  // look further, which may read from disk.
  [[nodiscard]] bool CheckInMemory(Commit& commit) const;

  // Fills them for good, up to a head of this moment. Errors are those of reading.
  absl::Status Check(Commit& commit);

 private:
  // Goes on from `checked`. True if it has come to the head, or to a match.
  bool LookInMemory(uint32_t tenant, AppendCondition& condition) const;

  const EventReader& reader_;
  MatchFinder& older_;
  const log::RecentEvents* const recent_;
};

}  // namespace nexus::engine
