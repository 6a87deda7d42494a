#pragma once

// Folds the events of one stream up to a point, as far as a call may go. Belongs to one thread.
// What it borrows must outlive it.

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/selection.h"
#include "nexus/core/clock.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "schema/schema_evolution.h"
#include "temporal/past_bound.h"
#include "temporal/past_fold.h"

namespace nexus::temporal {

struct WalkLimits {
  uint64_t events_max = 10'000;
  absl::Duration span_max = absl::Hours(24 * 90);      // between the events of one call
  absl::Duration deadline = absl::InfiniteDuration();  // of Clock::Monotonic()
};

struct PastWalkParts {
  EventReader& reader;
  const schema::SchemaEvolution& evolution;
  const Clock& clock;
};

class PastWalk {
 public:
  // Behind each event that was folded, if it is folded by itself.
  using Each = absl::FunctionRef<absl::Status(const RecordedEvent&)>;

  PastWalk(const PastWalkParts& parts, StreamName stream, index::Visible visible, PastFold& fold,
           const WalkLimits& limits)
      : parts_(parts),
        stream_(std::move(stream)),
        visible_(std::move(visible)),
        fold_(fold),
        limits_(limits) {}

  // The fold has the state behind `last`; nothing: the first one.
  void GoOnBehind(std::optional<PastEvent> last) { last_ = last; }

  // True: the state is that of `bound`. False: the limits of a call are reached before; then at
  // least one event was folded. ACCESS_DENIED at an event that the caller may not see,
  // DEADLINE_EXCEEDED, STREAM_NOT_FOUND, and what the fold gives.
  absl::StatusOr<bool> Advance(const PastBound& bound);
  // The same, event by event.
  absl::StatusOr<bool> Advance(const PastBound& bound, Each each);
  // Ends the walk behind the event that is being looked at, as if the limits were reached.
  void Pause() { paused_ = true; }

  const std::optional<PastEvent>& last() const { return last_; }
  uint64_t events_read() const { return events_read_; }

 private:
  absl::StatusOr<bool> Go(const PastBound& bound, const Each* each);
  absl::Status CheckVisible(absl::Span<const RecordedEvent> events) const;
  absl::Status Take(absl::Span<const RecordedEvent> events, const Each* each);
  absl::Status BringToLatest(EventBatch& page) const;
  absl::StatusOr<bool> IsSpent();
  // How many of the page's events count, by the bound and by the limits.
  size_t CountWithin(const EventBatch& page, const PastBound& bound) const;
  size_t CountAllowed(const EventBatch& page, size_t within) const;

  const PastWalkParts parts_;
  const StreamName stream_;
  const index::Visible visible_;
  PastFold& fold_;
  const WalkLimits limits_;

  std::optional<PastEvent> last_;
  std::optional<Timestamp> first_time_;  // of this call
  uint64_t events_read_ = 0;
  bool paused_ = false;
};

}  // namespace nexus::temporal
