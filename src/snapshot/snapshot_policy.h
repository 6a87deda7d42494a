#pragma once

// When an aggregate gets its next snapshot. docs/reference/snapshots.md.
//
// Pure; thread-safe as values are.

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "domain/aggregate_declaration.h"
#include "nexus/core/position.h"

namespace nexus::snapshot {

// Why a snapshot is made; of kMeasure only the size of the state is looked at, and it becomes a
// kState if it is large enough.
enum class SnapshotReason : uint8_t { kNone, kMeasure, kEvents, kState, kAge, kRequest };
// "events", "state", "age", "request"; "" for the others.
absl::string_view SnapshotReasonName(SnapshotReason reason);

// What the events of an aggregate cost to fold, as measured.
//
// The replay cost of n events is the milliseconds of wall time in which a command thread folded
// them: the calls of the code, and where they came from the log the reading of them too. Events and
// milliseconds are summed for each aggregate and thread; old measurements count less, since both
// sums are halved when more than kReplaySampleEvents are in them.
inline constexpr uint64_t kReplaySampleEvents = 4'096;
class ReplayCost {
 public:
  void Add(uint64_t events, absl::Duration took);
  uint64_t events() const { return events_; }
  // Of events().
  double milliseconds() const { return milliseconds_; }

 private:
  uint64_t events_ = 0;
  double milliseconds_ = 0;
};

// min(100, max(10, events / replay cost)): as many events as are folded in a millisecond, so that
// what has to be folded behind a snapshot takes about one. 100 where nothing is measured yet.
inline constexpr uint64_t kAdaptiveEventsMin = 10;
inline constexpr uint64_t kAdaptiveEventsMax = 100;
uint64_t AdaptiveInterval(const ReplayCost& cost);

// How far the snapshots of one aggregate are.
struct SnapshotProgress {
  std::optional<Revision> last = {};  // of the last one, made or started from
  uint64_t last_bytes = 0;            // of its state
  uint64_t measured_bytes = 0;        // of the state when it was last serialised
  uint64_t bytes_since = 0;           // of events that came since then
};

// After an append that has brought the aggregate to `now`. Serialising a state costs as much as it
// is large, so it is not done after each append but when events with a quarter of its bytes came
// since the last time, and at least a sixteenth of `state_bytes`: kMeasure.
SnapshotReason NeedAfterAppend(const domain::SnapshotDeclaration& declared,
                               const SnapshotProgress& progress, Revision now,
                               const ReplayCost& cost);

// Whether a state of so many bytes is reason enough by itself: it is over the bound of the
// declaration, and the last snapshot was not or has grown by half since.
bool IsLargeState(const domain::SnapshotDeclaration& declared, const SnapshotProgress& progress,
                  uint64_t state_bytes);

}  // namespace nexus::snapshot
