#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "nexus/core/errors.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::fake {

// One stream in memory: enough of the log for a registry. Thread-safe. Answers on the thread that
// proposes.
class FakeLog : public LogBackend, public EventReader {
 public:
  void Propose(Commit commit, CommitDone done) override {
    absl::StatusOr<CommitReceipt> outcome = Apply(commit);
    done(std::move(outcome));
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit&) override {
    return std::optional<CommitReceipt>();
  }
  void SetHeadListener(HeadListener) override {}
  absl::Status Health() override { return absl::OkStatus(); }
  void Drain() override {}

  Position Head() const override {
    absl::MutexLock lock(&mutex_);
    return Position(stored_.size());
  }
  absl::StatusOr<EventBatch> ReadAll(Position, Direction, PageLimits) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
  }
  absl::StatusOr<EventBatch> ReadStream(const StreamName&, Revision from, Direction,
                                        PageLimits) override {
    absl::MutexLock lock(&mutex_);
    if (!next_read_error_.ok()) return std::exchange(next_read_error_, absl::OkStatus());
    if (stored_.empty()) return MakeError(ErrorReason::kStreamNotFound, "no such stream");
    EventBatch batch;
    // Small pages, so that a reader has to ask again.
    constexpr size_t kPage = 3;
    for (size_t i = from.value; i < stored_.size() && batch.events.size() < kPage; ++i) {
      batch.events.push_back(View(i));
      batch.backing.push_back(stored_[i]);
    }
    batch.head = Position(stored_.size());
    batch.end = from.value + batch.events.size() >= stored_.size();
    return batch;
  }
  absl::StatusOr<StreamInfo> GetStream(const StreamName&) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
  }
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery&) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
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
  // An event that the server did not write by its registry.
  void Store(const std::string& type, const std::string& data) {
    Commit commit;
    commit.streams.push_back({StreamName::Literal("$schemas"), ExpectedRevision::Any()});
    CommitEvent event;
    event.event.type = type;
    event.event.data = data;
    commit.events.push_back(std::move(event));
    Apply(commit).IgnoreError();
  }
  std::vector<Commit> Commits() const {
    absl::MutexLock lock(&mutex_);
    std::vector<Commit> commits;
    for (const auto& commit : stored_) commits.push_back(*commit);
    return commits;
  }
  size_t conflicts() const {
    absl::MutexLock lock(&mutex_);
    return conflicts_;
  }

 private:
  absl::StatusOr<CommitReceipt> Apply(const Commit& commit) {
    absl::MutexLock lock(&mutex_);
    const absl::Status answer = std::exchange(next_answer_, absl::OkStatus());
    if (!answer.ok() && !store_despite_answer_) return answer;
    std::optional<Revision> last;
    if (!stored_.empty()) last = Revision(stored_.size() - 1);
    if (!commit.streams[0].expected.Holds(last)) {
      ++conflicts_;
      return MakeError(ErrorReason::kRevisionConflict, "another writer was first");
    }
    stored_.push_back(std::make_shared<const Commit>(commit));
    if (!answer.ok()) return answer;
    const Revision revision(stored_.size() - 1);
    CommitReceipt receipt{
        commit.id, Position(stored_.size()), Position(stored_.size()), commit.proposed, {}, false};
    receipt.streams.push_back({commit.streams[0].name, revision, revision, 1});
    return receipt;
  }

  RecordedEvent View(size_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Commit& commit = *stored_[i];
    const Event& event = commit.events[0].event;
    RecordedEvent view;
    view.position = Position(i + 1);
    view.revision = Revision(i);
    view.recorded = commit.proposed;
    view.type = event.type;
    view.content_type = event.content_type;
    view.data = event.data;
    view.principal = commit.stamp.principal;
    return view;
  }

  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<const Commit>> stored_ ABSL_GUARDED_BY(mutex_);
  absl::Status next_answer_ ABSL_GUARDED_BY(mutex_);
  bool store_despite_answer_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status next_read_error_ ABSL_GUARDED_BY(mutex_);
  size_t conflicts_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
