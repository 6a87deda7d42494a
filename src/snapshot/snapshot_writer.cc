#include "snapshot/snapshot_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "nexus/core/errors.h"

namespace nexus::snapshot {

bool SnapshotWriter::Reserve(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  // A state that is larger than the bound is let in alone.
  if (waiting_ >= options_.snapshots_max) return false;
  if (waiting_ > 0 && waiting_bytes_ + bytes > options_.bytes_max) return false;
  ++waiting_;
  waiting_bytes_ += bytes;
  return true;
}

void SnapshotWriter::Free(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  --waiting_;
  waiting_bytes_ -= bytes;
}

bool SnapshotWriter::HasRoom() const {
  return waiting_ < options_.snapshots_max && waiting_bytes_ < options_.bytes_max;
}

void SnapshotWriter::AwaitRoom(absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &SnapshotWriter::HasRoom), patience);
}

void SnapshotWriter::Answer(SnapshotJob& job, absl::StatusOr<SnapshotInfo> answer) {
  if (job.done) job.done(std::move(answer));
}

bool SnapshotWriter::Submit(SnapshotJob job) {
  const size_t bytes = job.snapshot.state.size();
  // Shared: the executor drops a task that it refuses, and then there is still an answer to give.
  auto shared = std::make_shared<SnapshotJob>(std::move(job));
  if (Reserve(bytes)) {
    if (parts_.executor.TrySubmit([this, shared, bytes] {
          Write(*shared);
          Free(bytes);
        })) {
      return true;
    }
    Free(bytes);
  }
  parts_.metrics.Failed(kFailedQueue).Add(1);
  Answer(*shared, MakeError(ErrorReason::kOverloaded, "too many snapshots wait to be written",
                            absl::Milliseconds(500)));
  return false;
}

void SnapshotWriter::Write(SnapshotJob& job) {
  SnapshotInfo& info = job.snapshot.info;
  info.made = parts_.clock.Now();
  info.state_bytes = job.snapshot.state.size();
  if (absl::Status stored = parts_.store.Put(job.snapshot); !stored.ok()) {
    parts_.metrics.Failed(kFailedWrite).Add(1);
    return Answer(job, std::move(stored));
  }
  parts_.metrics.Made(job.reason).Add(1);
  parts_.metrics.written_bytes.Add(static_cast<double>(info.state_bytes));
  parts_.metrics.delay.Observe(absl::ToDoubleSeconds(parts_.clock.Monotonic() - job.decided));
  // At least the one that was just made; if it fails it is done with the next.
  const uint64_t keep = std::clamp<uint64_t>(job.keep, 1, std::max<uint64_t>(1, options_.keep_max));
  if (const absl::StatusOr<uint64_t> gone = parts_.store.Expire(info.stream, keep); gone.ok()) {
    parts_.metrics.expired.Add(static_cast<double>(*gone));
  }
  Answer(job, info);
}

}  // namespace nexus::snapshot
