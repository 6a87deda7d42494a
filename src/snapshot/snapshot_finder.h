#pragma once

// Finds the snapshot that a state can begin with, and believes none that the stream contradicts.
//
// Thread-safe. Reads from disk. All parts must outlive it.

#include <optional>

#include "absl/functional/function_ref.h"
#include "nexus/core/clock.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/snapshot_store.h"
#include "snapshot/snapshot_metrics.h"

namespace nexus::snapshot {

struct SnapshotFinderParts {
  SnapshotStore& store;
  EventReader& reader;
  Clock& clock;
  const SnapshotMetrics& metrics;
};

class SnapshotFinder {
 public:
  explicit SnapshotFinder(const SnapshotFinderParts& parts) : parts_(parts) {}

  // The newest snapshot of `stream` within `bound` that is of what folds now (FoldDigests::AreOf())
  // and whose last event is the one that the stream has there. Nothing if there is none, or if the
  // store cannot be read: then the state is made of events. What is passed over is counted.
  using Current = absl::FunctionRef<bool(const SnapshotInfo&)>;
  std::optional<Snapshot> Find(const StreamName& stream, Current current, SnapshotBound bound = {});

  // What was found was used, or could not be read by the code after all.
  void CountUsed(const SnapshotInfo& info);
  void CountUnreadable();

 private:
  enum class Match { kYes, kNo, kUnknown };
  Match Compare(const StreamName& stream, const SnapshotInfo& info);

  const SnapshotFinderParts parts_;
  Counter& code_ = parts_.metrics.Ignored(kIgnoredCode);
  Counter& corrupt_ = parts_.metrics.Ignored(kIgnoredCorrupt);
  Counter& ahead_ = parts_.metrics.Ignored(kIgnoredAhead);
};

}  // namespace nexus::snapshot
