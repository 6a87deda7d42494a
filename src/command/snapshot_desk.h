#pragma once

// What one worker does about snapshots: begins states with them, and sees to it that new ones are
// made when nothing else is to be done. docs/reference/snapshots.md.
//
// Of the worker's thread alone. All parts must outlive it.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "command/aggregate_code.h"
#include "command/live_aggregate.h"
#include "nexus/core/clock.h"
#include "nexus/core/stream_name.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_finder.h"
#include "snapshot/snapshot_metrics.h"
#include "snapshot/snapshot_policy.h"
#include "snapshot/snapshot_writer.h"

namespace nexus::command {

// Of the server; null pointers to it mean: no snapshots.
struct SnapshotParts {
  snapshot::SnapshotFinder& finder;
  snapshot::SnapshotWriter& writer;
  snapshot::FoldDigests& digests;
  Clock& clock;
  const snapshot::SnapshotMetrics& metrics;
};

class SnapshotDesk {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<SnapshotInfo>)>;
  // How long what is due waits for the worker to have nothing else to do.
  static constexpr absl::Duration kPatience = absl::Milliseconds(250);
  // What is due of more aggregates than these is found due again with their next events.
  static constexpr size_t kDueMax = 1'024;
  // One look for aggregates that are old and have none looks at so many, those used last, and finds
  // at most so many due. Of one with fewer events all are folded in no time.
  static constexpr size_t kLookMax = 4'096;
  static constexpr size_t kAgedMax = 256;
  static constexpr uint64_t kAgedEventsMin = 10;

  explicit SnapshotDesk(SnapshotParts* parts) : parts_(parts) {}

  // Forgets a state that other code has made, or that events of other schemas went into.
  void DropOutdated(LiveAggregate& live);
  // Gives `live`, which has no state, that of the newest snapshot that is usable; leaves it as it
  // is if there is none. What follows it is still to be read.
  void Begin(const StreamName& stream, AggregateCode& code, LiveAggregate& live);
  // Around a reading of events into `live`: types may be met that its digest knows nothing of.
  struct ReadMark {
    snapshot::FoldDigests::Sources sources = {};
    bool current = false;  // the state before
    size_t other_types = 0;
    bool too_many_types = false;
  };
  ReadMark BeginRead(LiveAggregate& live) const;
  void EndRead(const ReadMark& mark, LiveAggregate& live) const;
  // So many events were folded into `live`, from memory or, of `Loaded`, from the log.
  void Folded(const LiveAggregate& live, uint64_t events, absl::Duration took);
  void Loaded(LiveAggregate& live, uint64_t events, absl::Duration took);
  // Events of so many bytes were stored; `live` has them. Decides whether a snapshot is due.
  void Stored(LiveAggregate& live, size_t bytes);

  // Those in `used`, the one used last in front, whose first event is older than `max_age` and that
  // have no snapshot at all become due.
  void LookForAged(const std::list<LiveAggregate*>& used, absl::Duration max_age);

  bool empty() const { return due_.empty(); }
  // The one that is due longest has waited for too long.
  bool IsLate() const;
  // The stream whose snapshot is due longest, which is taken off the list.
  std::string TakeDue();
  // Folds, serialises and hands on to the writer what is due of `live`. The error is the code's.
  absl::Status Make(LiveAggregate& live);
  // Waits until the writer has room; at most for so long.
  void AwaitRoom(absl::Duration patience) const;
  // The same at once, for `reason`. `done` hears of it.
  absl::Status MakeNow(LiveAggregate& live, snapshot::SnapshotReason reason, Done done);

 private:
  struct Due {
    std::string stream;
    absl::Duration since;
  };

  // Whether what folds now would have made the state of `live`. Costs nothing if nothing changed.
  bool IsCurrent(LiveAggregate& live) const;
  void Want(LiveAggregate& live, snapshot::SnapshotReason reason);
  absl::Status Write(LiveAggregate& live, snapshot::SnapshotReason reason, absl::Duration decided,
                     Done done);
  snapshot::ReplayCost& CostOf(const LiveAggregate& live);

  SnapshotParts* const parts_;
  std::deque<Due> due_;
  absl::flat_hash_map<std::string, snapshot::ReplayCost> costs_;  // by aggregate
};

}  // namespace nexus::command
