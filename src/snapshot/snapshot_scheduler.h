#pragma once

// Looks through all snapshots now and then: an aggregate that has changed since its last one, or
// whose code has, gets another when the last is old. Those that have none are seen by who has them
// in memory. Also measures what is kept.
//
// Thread-safe. All parts must outlive it; Stop() before they end.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "domain/domain_state.h"
#include "nexus/core/clock.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/snapshot_store.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_metrics.h"

namespace nexus::snapshot {

struct SnapshotSchedulerParts {
  SnapshotStore& store;
  EventReader& reader;
  Executor& executor;
  Clock& clock;
  FoldDigests& digests;
  const SnapshotMetrics& metrics;
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  // Has one made; returns at once. What cannot be made now is asked for again with the next round.
  std::function<void(const StreamName& stream)> make;
  // Has one made of each aggregate in memory that has none and is older; returns at once. May be
  // null.
  std::function<void(absl::Duration max_age)> make_of_aged = nullptr;
};

struct SnapshotSchedulerOptions {
  absl::Duration max_age = absl::Hours(24);  // 0: none is made for its age
  absl::Duration interval = absl::Minutes(10);
  size_t page = 256;  // snapshots that are looked at in one step
};

class SnapshotScheduler {
 public:
  SnapshotScheduler(SnapshotSchedulerParts parts, const SnapshotSchedulerOptions& options)
      : parts_(std::move(parts)), options_(options) {}
  ~SnapshotScheduler() { Stop(); }

  void Start() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits for the step that is under way.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // One look through all of them.
  struct Round {
    std::optional<SnapshotCursor> after;
    std::string stream;  // that was looked at last
    uint64_t kept = 0;
    uint64_t kept_bytes = 0;
    absl::Duration oldest;
  };

  void Schedule(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunStep() ABSL_LOCKS_EXCLUDED(mutex_);
  // Gives when the next one is due.
  absl::Duration DoStep();
  void Look(const SnapshotInfo& newest);
  bool HasChanged(const StreamName& stream, const SnapshotInfo& newest,
                  const domain::AggregateRecord& aggregate);

  const SnapshotSchedulerParts parts_;
  const SnapshotSchedulerOptions options_;
  Round round_;  // of the step that is under way

  absl::Mutex mutex_;
  absl::CondVar idle_;
  Executor::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;
  bool in_step_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace nexus::snapshot
