#pragma once

// The ordering thread: forms groups from what is queued, applies them, writes each as one synced
// batch, publishes the head, answers.
//
// Thread-safe. There is no timer: a group is whatever is waiting when the last one is on disk.

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "log/apply.h"
#include "log/recent_events.h"
#include "nexus/core/clock.h"
#include "nexus/port/log_backend.h"
#include "storage/rocksdb/anchor_keeper.h"
#include "storage/rocksdb/commit_queue.h"
#include "storage/rocksdb/disk_guard.h"
#include "storage/rocksdb/group_pace.h"
#include "storage/rocksdb/late_commits.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/log_metrics.h"
#include "storage/rocksdb/log_recovery.h"
#include "storage/rocksdb/stored_state.h"
#include "storage/rocksdb/write_stall.h"

namespace nexus::storage {

class Sequencer {
 public:
  struct Options {
    CommitQueueLimits queue;
    size_t cached_streams_max = 100'000;
    log::RecentEvents::Options recent = {};
    std::function<void(absl::Status)> on_fatal;
    // nullptr: durations are not measured, and deadlines do not count.
    const Clock* clock = nullptr;
  };

  // The references must outlive this.
  Sequencer(LogDatabase& database, WriteStall& stall, const DiskGuard& disk, AnchorKeeper& anchor,
            LogMetrics& metrics, const RecoveredLog& recovered, Options options);
  // Answers what is queued, then stops.
  ~Sequencer();

  // As LogBackend::Propose; what is refused at once is answered inside the call.
  void Propose(Commit commit, LogBackend::CommitDone done);
  void SetHeadListener(LogBackend::HeadListener listener);
  absl::Status Health() const;
  void Drain();

  // What append conditions are checked against without reading the log.
  const log::RecentEvents& recent() const { return recent_; }

  Position head() const { return Position(head_.load(std::memory_order_acquire)); }

  // The database has failed, whoever noticed: refuses everything from now on and tells `on_fatal`,
  // once, on the ordering thread. Callable from any thread.
  void Fail(absl::Status fault);
  // OK, or what Fail() was told first.
  absl::Status fault() const;

 private:
  using Group = std::vector<PendingCommit>;
  using Verdicts = std::vector<absl::StatusOr<CommitReceipt>>;

  void Run();
  // Writes and answers what is worth it of `group`.
  void Serve(Group& group);
  void DropLate(absl::Duration now, Group& group);
  void Process(Group& group);
  void RefuseForDisk(Group& group, const absl::Status& full);
  void Answer(Group& group, Verdicts verdicts);
  void AnswerAll(Group& group, const absl::Status& status);
  void BuildBatch(const Group& group, const log::AppliedGroup& applied);
  void AddCommit(const PendingCommit& pending, const CommitReceipt& receipt,
                 const log::AcceptedCommit& accepted);
  rocksdb::Status WriteSynced();
  void Publish(Group& group, const log::AppliedGroup& applied);
  void ReportFault();

  LogDatabase& database_;
  WriteStall& stall_;
  const DiskGuard& disk_;
  AnchorKeeper& anchor_;
  LogMetrics& metrics_;
  const uint64_t incarnation_;
  const Options options_;

  CommitQueue queue_;
  log::RecentEvents recent_;
  std::atomic<uint64_t> head_;

  mutable absl::Mutex mutex_;
  absl::Status fault_ ABSL_GUARDED_BY(mutex_);

  // Of its own, so that the listener may ask for the log's health.
  absl::Mutex listener_mutex_;
  LogBackend::HeadListener listener_ ABSL_GUARDED_BY(listener_mutex_);

  // Only the ordering thread uses these.
  log::LogTip tip_;
  uint64_t chain_;  // with the commits of batch_
  StoredState state_;
  rocksdb::WriteBatch batch_;
  LateCommits late_;
  GroupPace pace_;
  Group dropped_;  // keeps its memory
  bool fault_reported_ = false;

  std::thread thread_;  // last: everything above is ready when it starts
};

}  // namespace nexus::storage
