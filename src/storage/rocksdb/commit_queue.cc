#include "storage/rocksdb/commit_queue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/planted_fault.h"

namespace nexus::storage {
namespace {

constexpr absl::Duration kQueueRetryAfter = absl::Milliseconds(50);

absl::Status Overloaded(size_t commits) {
  return MakeError(ErrorReason::kOverloaded,
                   absl::StrCat(commits, " commits are waiting to be stored; nothing was written"),
                   kQueueRetryAfter);
}

// What ordering needs of an event is its id.
Commit WithoutTexts(Commit commit) {
  for (CommitEvent& entry : commit.events) {
    Event bare;
    bare.id = entry.event.id;
    entry.event = std::move(bare);
  }
  return commit;
}

}  // namespace

PendingCommit::PendingCommit(Commit whole, LogBackend::CommitDone answer)
    : proposal(EncodeProposal(whole)),
      traits(std::make_shared<const log::CommitTraits>(whole)),
      commit(WithoutTexts(std::move(whole))),
      done(std::move(answer)) {}

absl::Status CommitQueue::Push(PendingCommit& pending) {
  const size_t bytes = pending.proposal.bytes.size();
  absl::MutexLock lock(&mutex_);
  if (!closed_.ok()) return closed_;
  const bool fits = queue_.size() < limits_.commits_max && bytes_ + bytes <= limits_.bytes_max;
  // One alone is always taken, or a commit larger than the bound could never be stored.
  const bool bounded = !IsPlanted(PlantedFault::kQueueUnbounded);
  if (bounded && !fits && !queue_.empty()) return Overloaded(queue_.size());
  bytes_ += bytes;
  queue_.push_back(std::move(pending));
  // The taker looks again after each group: it only needs waking when it found nothing.
  if (queue_.size() == 1 && !taken_) work_.Signal();
  return absl::OkStatus();
}

bool CommitQueue::TakeGroup(std::vector<PendingCommit>& group, size_t bytes_max) {
  group.clear();
  absl::MutexLock lock(&mutex_);
  while (queue_.empty() && !stopped_ && !interrupted_) work_.Wait(&mutex_);
  const bool interrupted = std::exchange(interrupted_, false);
  size_t group_bytes = 0;
  while (!queue_.empty() && group.size() < limits_.group_commits_max) {
    const size_t bytes = queue_.front().proposal.bytes.size();
    if (!group.empty() && group_bytes + bytes > bytes_max) break;
    group_bytes += bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  bytes_ -= group_bytes;
  taken_ = !group.empty();
  return taken_ || interrupted;
}

void CommitQueue::GroupDone() {
  absl::MutexLock lock(&mutex_);
  taken_ = false;
  if (queue_.empty()) idle_.SignalAll();
}

void CommitQueue::Close(absl::Status why) {
  absl::MutexLock lock(&mutex_);
  if (closed_.ok()) closed_ = std::move(why);
}

absl::Status CommitQueue::Closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_;
}

void CommitQueue::Interrupt() {
  absl::MutexLock lock(&mutex_);
  interrupted_ = true;
  work_.SignalAll();
}

void CommitQueue::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  work_.SignalAll();
}

void CommitQueue::WaitUntilIdle() {
  absl::MutexLock lock(&mutex_);
  while (!queue_.empty() || taken_) idle_.Wait(&mutex_);
}

size_t CommitQueue::depth() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

}  // namespace nexus::storage
