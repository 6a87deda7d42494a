#pragma once

// The log in memory: for embedding, for tests, and as the model that the durable log is compared
// with. It shares no code with it on purpose: simple and obviously right.
//
// Thread-safe. Nothing survives it; it grows with what is stored.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::storage {

class MemoryLog : public LogBackend, public EventReader, public CommitLocator {
 public:
  MemoryLog() = default;

  // LogBackend. Propose() answers inside the call, unless another thread is answering (then that
  // one does) or the call comes from a `done` (then it is answered when that one has returned).
  void Propose(Commit commit, CommitDone done) override;
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override;
  void SetHeadListener(HeadListener listener) override;
  absl::Status Health() override;
  void Drain() override;

  // EventReader.
  Position Head() const override;
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override;
  absl::StatusOr<Position> FirstRecordedAt(Timestamp time) override;
  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override;
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) override;

  // CommitLocator.
  absl::StatusOr<std::optional<PositionRange>> LocateCommit(const CommitId& id) override;

 private:
  struct StoredCommit {
    Commit commit;
    CommitReceipt receipt;
  };
  // One stored event: where it stands, and the commit that holds its bytes.
  struct Entry {
    std::shared_ptr<const StoredCommit> stored;
    size_t index = 0;  // in its events
    Position position;
    Revision revision;
  };
  using StreamKey = std::pair<uint32_t, std::string>;  // tenant, name
  using Entries = std::vector<Entry>;

  absl::StatusOr<CommitReceipt> Decide(const Commit& commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::optional<CommitReceipt>> Known(const Commit& commit) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // By the ids of its events, whatever its own.
  std::optional<CommitReceipt> SameStored(const Commit& commit,
                                          const std::vector<TakenEventId>& taken) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<TakenEventId> TakenIds(const Commit& commit) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<FailedExpectation> FailedExpectations(const Commit& commit) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<FailedCondition> FailedConditions(const Commit& commit) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  CommitReceipt Store(const Commit& commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<const Entries*> FindStream(const StreamName& stream) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A page of `entries` from index `from` (in range) in `direction`.
  EventBatch Page(const Entries& entries, size_t from, Direction direction, PageLimits limits) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AnswerWaiting();

  mutable absl::Mutex mutex_;
  absl::CondVar idle_;
  std::deque<std::pair<Commit, CommitDone>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool answering_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  Entries all_ ABSL_GUARDED_BY(mutex_);  // position p is at p - 1
  std::map<StreamKey, Entries> streams_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<StreamKey, EventId>, Revision> event_ids_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<uint32_t, CommitId>, std::shared_ptr<const StoredCommit>> commits_
      ABSL_GUARDED_BY(mutex_);
  Timestamp last_recorded_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex listener_mutex_;
  HeadListener listener_ ABSL_GUARDED_BY(listener_mutex_);
};

}  // namespace nexus::storage
