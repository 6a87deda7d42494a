#pragma once

// States of aggregates at a revision of their streams. Derived data: any of it may be lost or
// damaged, and then the state is made from events again; nothing here may be believed before the
// stream was asked (snapshot/snapshot_finder.h does).
//
// Thread-safe. Calls read from disk: keep them off threads that must not block. What is damaged or
// of a format that is not known is passed over, and counted; it fails no call.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus {

// What is known of a snapshot without its state.
struct SnapshotInfo {
  std::string stream;
  Revision revision;    // of the last event that is folded into it
  Position position;    // of that event,
  EventId event_id;     // its id,
  Timestamp recorded;   // and when it was recorded
  uint64_t events = 0;  // that are folded into it
  Timestamp made;
  std::string aggregate;
  uint64_t state_schema = 0;  // the version of the domain whose code gave the state its form
  std::string code_digest;    // of what folds (snapshot/fold_digest.h)
  // Types of events that are folded into it and that the aggregate does not declare; sorted.
  std::vector<std::string> other_types = {};
  uint64_t state_bytes = 0;

  friend bool operator==(const SnapshotInfo&, const SnapshotInfo&) = default;
};

struct Snapshot {
  SnapshotInfo info;
  std::string state;  // JSON

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Neither the revision nor the position of what is looked for may be beyond.
struct SnapshotBound {
  Revision revision{std::numeric_limits<uint64_t>::max()};
  Position position{std::numeric_limits<uint64_t>::max()};
};

// Behind which snapshot a page begins: streams in the order of their bytes, of each the newest
// first.
struct SnapshotCursor {
  std::string stream;
  Revision revision;

  friend bool operator==(const SnapshotCursor&, const SnapshotCursor&) = default;
};

struct SnapshotQuery {
  std::string stream = {};  // empty: of all streams
  std::optional<SnapshotCursor> after = {};
  size_t limit = 100;
};

struct SnapshotPage {
  std::vector<SnapshotInfo> snapshots;
  bool end = false;  // nothing follows
};

class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  // In the place of what there is at the same revision. `info.state_bytes` is set here.
  virtual absl::Status Put(const Snapshot& snapshot) = 0;

  // The newest of a stream within `bound` that `usable` takes, which is asked from the newest to
  // the oldest. Nothing if there is none.
  using Usable = absl::FunctionRef<bool(const SnapshotInfo&)>;
  virtual absl::StatusOr<std::optional<Snapshot>> Nearest(absl::string_view stream,
                                                          const SnapshotBound& bound,
                                                          Usable usable) = 0;

  virtual absl::StatusOr<SnapshotPage> List(const SnapshotQuery& query) = 0;

  // One of them, or all of the stream; damaged ones too. How many there were.
  virtual absl::StatusOr<uint64_t> Delete(absl::string_view stream,
                                          std::optional<Revision> revision) = 0;

  // Removes all of a stream but the `keep` newest. How many there were.
  virtual absl::StatusOr<uint64_t> Expire(absl::string_view stream, uint64_t keep) = 0;
};

}  // namespace nexus
