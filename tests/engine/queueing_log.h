#pragma once

// A log as slow as a test wants it: groups of at most so many commits, each of which takes a time.
// Time passes when the test says so. Drops what is due before its group could be answered.

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/core/errors.h"
#include "nexus/port/log_backend.h"

namespace nexus::engine {

class QueueingLog : public LogBackend {
 public:
  explicit QueueingLog(const Clock& clock) : clock_(clock) {}

  void SetPace(size_t group_commits, absl::Duration group_time) {
    group_commits_ = group_commits;
    group_time_ = group_time;
  }

  // Answers what is due now and begins the next group.
  void Step() {
    const absl::Duration now = clock_.Monotonic();
    if (!group_.empty() && now >= group_done_) {
      std::vector<Waiting> done;
      done.swap(group_);
      for (Waiting& waiting : done) {
        CommitReceipt receipt;
        receipt.id = waiting.commit.id;
        waiting.done(std::move(receipt));
      }
    }
    if (!group_.empty()) return;
    while (!queue_.empty() && group_.size() < group_commits_) {
      Waiting waiting = std::move(queue_.front());
      queue_.pop_front();
      if (waiting.commit.deadline < now + group_time_) {
        waiting.done(MakeError(ErrorReason::kOverloaded, "late"));
      } else {
        group_.push_back(std::move(waiting));
      }
    }
    group_done_ = now + group_time_;
  }
  bool idle() const { return queue_.empty() && group_.empty(); }

  void Propose(Commit commit, CommitDone done) override {
    queue_.push_back({std::move(commit), std::move(done)});
  }
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit&) override {
    return std::optional<CommitReceipt>();
  }
  void SetHeadListener(HeadListener) override {}
  absl::Status Health() override { return absl::OkStatus(); }
  void Drain() override {}

 private:
  struct Waiting {
    Commit commit;
    CommitDone done;
  };

  const Clock& clock_;
  size_t group_commits_ = 1;
  absl::Duration group_time_;
  std::deque<Waiting> queue_;
  std::vector<Waiting> group_;
  absl::Duration group_done_;
};

}  // namespace nexus::engine
