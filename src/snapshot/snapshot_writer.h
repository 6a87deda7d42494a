#pragma once

// Writes snapshots in the background, so that nobody who decides commands waits for a disk.
//
// Thread-safe. All parts must outlive it, and it must outlive what it has given to the executor.

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"
#include "nexus/port/snapshot_store.h"
#include "snapshot/snapshot_metrics.h"
#include "snapshot/snapshot_policy.h"

namespace nexus::snapshot {

struct SnapshotWriterParts {
  SnapshotStore& store;
  Executor& executor;
  Clock& clock;
  const SnapshotMetrics& metrics;
};

struct SnapshotWriterOptions {
  // Waiting to be written; more are refused.
  size_t snapshots_max = 256;
  size_t bytes_max = 64 << 20;
  uint64_t keep_max = 16;  // of one aggregate, whatever it declares
};

struct SnapshotJob {
  Snapshot snapshot;  // without `made`, which is set here
  uint64_t keep = 1;  // of its stream, itself included
  SnapshotReason reason = SnapshotReason::kNone;
  absl::Duration decided;  // of Clock::Monotonic(), when it was found that one is to be made
  // Runs once it is stored or has failed; on a worker. May be null.
  absl::AnyInvocable<void(absl::StatusOr<SnapshotInfo>)> done = nullptr;
};

class SnapshotWriter {
 public:
  SnapshotWriter(const SnapshotWriterParts& parts, const SnapshotWriterOptions& options)
      : parts_(parts), options_(options) {}

  // Takes it, or says no to `job.done` with OVERLOADED and to the caller with false.
  bool Submit(SnapshotJob job) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until one more may wait to be written; at most for so long. For who has nothing else to
  // do any more.
  void AwaitRoom(absl::Duration patience) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool Reserve(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Free(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(SnapshotJob& job);
  static void Answer(SnapshotJob& job, absl::StatusOr<SnapshotInfo> answer);

  const SnapshotWriterParts parts_;
  const SnapshotWriterOptions options_;
  mutable absl::Mutex mutex_;
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::snapshot
