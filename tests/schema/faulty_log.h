#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "fake/sequential_ids.h"
#include "nexus/core/errors.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"
#include "storage/memory/memory_log.h"

namespace nexus::fake {

// The log in memory, with faults on demand and a memory of what was accepted. Thread-safe.
class FaultyLog : public LogBackend, public EventReader {
 public:
  void Propose(Commit commit, CommitDone done) override {
    absl::Status answer;
    bool store = true;
    {
      absl::MutexLock lock(&mutex_);
      answer = std::exchange(next_answer_, absl::OkStatus());
      store = answer.ok() || store_despite_answer_;
    }
    if (!store) return done(std::move(answer));
    auto shared = std::make_shared<Commit>(commit);
    log_.Propose(std::move(commit), [this, shared, answer, done = std::move(done)](
                                        absl::StatusOr<CommitReceipt> outcome) mutable {
      Note(outcome, *shared);
      if (answer.ok()) return done(std::move(outcome));
      done(answer);
    });
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override {
    return log_.FindCommit(candidate);
  }
  void SetHeadListener(HeadListener listener) override {
    log_.SetHeadListener(std::move(listener));
  }
  absl::Status Health() override { return log_.Health(); }
  void Drain() override { log_.Drain(); }

  Position Head() const override { return log_.Head(); }
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override {
    return log_.ReadAll(from, direction, limits);
  }
  // In small pages, so that a reader has to ask again.
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override {
    {
      absl::MutexLock lock(&mutex_);
      if (!next_read_error_.ok()) return std::exchange(next_read_error_, absl::OkStatus());
    }
    limits.events_max = 3;
    return log_.ReadStream(stream, from, direction, limits);
  }
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override {
    return log_.ReadAt(positions, limits);
  }
  absl::StatusOr<Position> FirstRecordedAt(Timestamp time) override {
    return log_.FirstRecordedAt(time);
  }
  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override {
    return log_.GetStream(stream);
  }
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) override {
    return log_.ListStreams(query);
  }

  // The next proposal gets this answer; it is stored all the same if `store`.
  void AnswerNext(absl::Status status, bool store) {
    absl::MutexLock lock(&mutex_);
    next_answer_ = std::move(status);
    store_despite_answer_ = store;
  }
  void FailNextRead(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    next_read_error_ = std::move(status);
  }
  // An event of `$schemas` that no registry wrote.
  void Store(absl::string_view type, absl::string_view data) {
    Commit commit;
    commit.id.bytes = ids_.NewUuid();
    commit.streams.push_back({StreamName::Literal("$schemas"), ExpectedRevision::Any()});
    CommitEvent entry;
    entry.event.id = DeriveEventId(commit.id, 0);
    entry.event.type = std::string(type);
    entry.event.data = std::string(data);
    commit.events.push_back(std::move(entry));
    Propose(std::move(commit), [](absl::StatusOr<CommitReceipt>) {});
  }

  // Shared by all who write here, so that no two commits have one id.
  SequentialIds& ids() { return ids_; }

  std::vector<Commit> accepted() const {
    absl::MutexLock lock(&mutex_);
    return accepted_;
  }
  size_t conflicts() const {
    absl::MutexLock lock(&mutex_);
    return conflicts_;
  }

 private:
  void Note(const absl::StatusOr<CommitReceipt>& outcome, const Commit& commit) {
    absl::MutexLock lock(&mutex_);
    if (outcome.ok()) {
      accepted_.push_back(commit);
    } else if (ReasonOf(outcome.status()) == ErrorReason::kRevisionConflict) {
      ++conflicts_;
    }
  }

  storage::MemoryLog log_;
  SequentialIds ids_;
  mutable absl::Mutex mutex_;
  std::vector<Commit> accepted_ ABSL_GUARDED_BY(mutex_);
  size_t conflicts_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status next_answer_ ABSL_GUARDED_BY(mutex_);
  bool store_despite_answer_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status next_read_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
