#pragma once

// An aggregate in memory: its state in the script engine and the events that are not folded yet.
// Of one worker, on whose thread alone it is touched.

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "command/aggregate_code.h"
#include "command/turn_pace.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_policy.h"

namespace nexus::command {

struct CommandCall;

// What a snapshot says of the event that it ends with.
struct StreamPoint {
  Position position;
  EventId id;
  Timestamp recorded;
};

struct LiveAggregate {
  std::string stream;
  // Which code has made the state; null: there is no state.
  AggregateCode* code = nullptr;
  StateValue state;
  std::optional<Revision> revision;  // of the last event in `state` or `unfolded`
  StreamPoint last;                  // of that event
  // When the first event was recorded, of a state that was made of all of them.
  std::optional<Timestamp> oldest;
  // Committed by this worker and not folded yet: views of events, with commas between them.
  std::string unfolded;
  size_t unfolded_count = 0;

  // Of what the state was made by (snapshot/fold_digest.h), and the types that the digest needs; or
  // that these are too many: then there is neither.
  std::string fold_digest;
  snapshot::OtherTypes other_types;
  bool too_many_types = false;
  snapshot::SourcesMark current_by;  // with which the state was last known to be what folds now
  snapshot::SnapshotProgress snapshots;
  // Why one is to be made of it soon; kNone: none is.
  snapshot::SnapshotReason wanted = snapshot::SnapshotReason::kNone;
  absl::Duration wanted_since;  // of Clock::Monotonic()

  // A command is being stored; the others wait in the order of their coming.
  bool busy = false;
  std::deque<std::shared_ptr<CommandCall>> waiting;
  TurnPace pace;
  // Of Clock::Monotonic(): when the turn under way has begun; of one that is free, the last ended.
  absl::Duration turn_since;
  std::list<LiveAggregate*>::iterator place;  // among those used lately

  // As one finds it who has come at `begun`.
  TurnQueue Queue(absl::Duration begun, absl::Duration now) const {
    return {waiting.size(), now - begun, now - turn_since, pace};
  }
  bool loaded() const { return code != nullptr; }
  void Forget() {
    state.reset();
    code = nullptr;
    revision.reset();
    last = {};
    oldest.reset();
    unfolded.clear();
    unfolded_count = 0;
    fold_digest.clear();
    other_types.clear();
    too_many_types = false;
    current_by = {};
    snapshots = {};
  }
};

}  // namespace nexus::command
