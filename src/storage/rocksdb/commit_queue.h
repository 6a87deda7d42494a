#pragma once

// Commits on their way to the ordering thread. Bounded: what does not fit is refused.
//
// Thread-safe; one thread takes.

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "log/apply.h"
#include "log/commit_traits.h"
#include "nexus/core/commit.h"
#include "nexus/port/log_backend.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

// Its texts are in the proposal alone: memory holds them once, and whoever proposed has freed them.
struct PendingCommit : public log::WholeCommit {
  PendingCommit(Commit whole, LogBackend::CommitDone answer);
  PendingCommit(PendingCommit&&) = default;
  PendingCommit& operator=(PendingCommit&&) = default;

  absl::StatusOr<Commit> Load() const override { return DecodeProposal(commit, proposal); }

  EncodedProposal proposal;
  std::shared_ptr<const log::CommitTraits> traits;
  Commit commit;  // without the texts of its events
  LogBackend::CommitDone done;
};

struct CommitQueueLimits {
  size_t commits_max = 16'384;
  size_t bytes_max = 128 << 20;  // of encoded commits
  size_t group_commits_max = 1'024;
  size_t group_bytes_max = 8 << 20;  // for TakeGroup()
};

class CommitQueue {
 public:
  explicit CommitQueue(CommitQueueLimits limits) : limits_(limits) {}

  // OK and `pending` is moved from; else OVERLOADED, or why the queue is closed, and it is not.
  absl::Status Push(PendingCommit& pending);

  // Waits for work and takes the next group, of at most `bytes_max` but one commit at least; an
  // empty one after Interrupt(). False: stopped, and nothing is left.
  bool TakeGroup(std::vector<PendingCommit>& group, size_t bytes_max);
  // The group that was taken last is answered.
  void GroupDone();

  // Refuses with `why` from now on. The first reason stays.
  void Close(absl::Status why);
  // OK, or the reason given to Close().
  absl::Status Closed() const;
  // Makes TakeGroup() return once even without work.
  void Interrupt();
  // Lets TakeGroup() return false once the queue is empty.
  void Stop();
  // Waits until nothing is queued or under way.
  void WaitUntilIdle();

  size_t depth() const;
  const CommitQueueLimits& limits() const { return limits_; }

 private:
  const CommitQueueLimits limits_;
  mutable absl::Mutex mutex_;
  absl::CondVar work_;
  absl::CondVar idle_;
  std::deque<PendingCommit> queue_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;    // of what is queued
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;  // a group is under way
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
