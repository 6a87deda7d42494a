#include "storage/memory/memory_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::storage {

void MemoryLog::Propose(Commit commit, CommitDone done) {
  bool refused = false;
  {
    absl::MutexLock lock(&mutex_);
    refused = draining_;
    if (!refused) {
      waiting_.emplace_back(std::move(commit), std::move(done));
      if (answering_) return;
      answering_ = true;
    }
  }
  if (refused) {
    // NOLINTNEXTLINE(bugprone-use-after-move): it was moved only if it was not refused
    done(MakeError(ErrorReason::kDraining, "the server is stopping; nothing was written"));
    return;
  }
  AnswerWaiting();
}

// One thread at a time, so that answers and heads come in the order of the log.
void MemoryLog::AnswerWaiting() {
  while (true) {
    CommitDone done;
    absl::StatusOr<CommitReceipt> verdict;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) {
        answering_ = false;
        idle_.SignalAll();
        return;
      }
      verdict = Decide(waiting_.front().first);
      done = std::move(waiting_.front().second);
      waiting_.pop_front();
    }
    const bool stored = verdict.ok() && !verdict->repeated;
    const Position head = stored ? verdict->last : Position();
    done(std::move(verdict));
    if (!stored) continue;
    absl::MutexLock lock(&listener_mutex_);
    if (listener_) listener_(head);
  }
}

absl::StatusOr<CommitReceipt> MemoryLog::Decide(const Commit& commit) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<CommitReceipt> known, Known(commit));
  if (known.has_value()) return *known;
  ErrorDetails why;
  why.taken_event_ids = TakenIds(commit);
  why.failed_expectations = FailedExpectations(commit);
  why.failed_conditions = FailedConditions(commit);
  if (!why.taken_event_ids.empty()) {
    why.reason = ErrorReason::kEventIdTaken;
    return MakeError("event ids are taken: new events need new ids", why);
  }
  if (!why.failed_expectations.empty()) {
    why.reason = ErrorReason::kRevisionConflict;
    return MakeError("expectations failed", why);
  }
  if (!why.failed_conditions.empty()) {
    why.reason = ErrorReason::kAppendConditionFailed;
    return MakeError("append conditions failed", why);
  }
  return Store(commit);
}

std::vector<TakenEventId> MemoryLog::TakenIds(const Commit& commit) const {
  std::vector<TakenEventId> taken;
  for (const CommitEvent& event : commit.events) {
    const std::string& stream = commit.streams[event.stream_index].name.str();
    const auto it = event_ids_.find({{commit.tenant, stream}, event.event.id});
    if (it != event_ids_.end()) taken.push_back({stream, event.event.id, it->second});
  }
  return taken;
}

std::vector<FailedExpectation> MemoryLog::FailedExpectations(const Commit& commit) const {
  std::vector<FailedExpectation> failed;
  for (const CommitStream& stream : commit.streams) {
    const auto it = streams_.find({commit.tenant, stream.name.str()});
    std::optional<Revision> last;
    if (it != streams_.end()) last = Revision(it->second.size() - 1);
    if (!stream.expected.Holds(last)) failed.push_back({stream.name.str(), stream.expected, last});
  }
  return failed;
}

// Looks at everything itself; what somebody found before is believed.
std::vector<FailedCondition> MemoryLog::FailedConditions(const Commit& commit) const {
  std::vector<FailedCondition> failed;
  for (size_t i = 0; i < commit.conditions.size(); ++i) {
    const AppendCondition& condition = commit.conditions[i];
    std::optional<Position> match = condition.found;
    for (size_t at = condition.after.value; at < all_.size() && !match.has_value(); ++at) {
      const Commit& stored = all_[at].stored->commit;
      const CommitEvent& event = stored.events[all_[at].index];
      const std::string& stream = stored.streams[event.stream_index].name.str();
      const bool ours = stored.tenant == commit.tenant;
      if (ours && condition.fail_if_match.Matches(stream, event.event)) match = all_[at].position;
    }
    if (match.has_value()) failed.push_back({static_cast<uint32_t>(i), *match});
  }
  return failed;
}

absl::StatusOr<std::optional<CommitReceipt>> MemoryLog::Known(const Commit& commit) const {
  const auto it = commits_.find({commit.tenant, commit.id});
  if (it == commits_.end()) return SameStored(commit, TakenIds(commit));
  if (!SameContent(commit, it->second->commit)) {
    return MakeError(ErrorReason::kIdReused,
                     absl::StrCat("another commit has the id ", commit.id.ToString()));
  }
  CommitReceipt receipt = it->second->receipt;
  receipt.repeated = true;
  return std::optional<CommitReceipt>(std::move(receipt));
}

std::optional<CommitReceipt> MemoryLog::SameStored(const Commit& commit,
                                                   const std::vector<TakenEventId>& taken) const {
  std::optional<CommitReceipt> receipt;
  if (taken.size() != commit.events.size()) return receipt;
  const Entries& entries = streams_.at({commit.tenant, taken.front().stream});
  const StoredCommit& stored = *entries[taken.front().revision.value].stored;
  if (!SameContent(commit, stored.commit)) return receipt;
  receipt = stored.receipt;
  receipt->repeated = true;
  return receipt;
}

CommitReceipt MemoryLog::Store(const Commit& commit) {
  last_recorded_ = std::max(last_recorded_, commit.proposed);
  auto stored = std::make_shared<StoredCommit>();
  stored->commit = commit;
  CommitReceipt& receipt = stored->receipt;
  receipt.id = commit.id;
  receipt.first = Position(all_.size() + 1);
  receipt.last = Position(all_.size() + commit.events.size());
  receipt.recorded = last_recorded_;
  for (const CommitStream& stream : commit.streams)
    receipt.streams.push_back({stream.name, {}, {}, 0});
  for (size_t i = 0; i < commit.events.size(); ++i) {
    StreamOutcome& outcome = receipt.streams[commit.events[i].stream_index];
    Entries& entries = streams_[{commit.tenant, outcome.stream.str()}];
    const Entry entry{stored, i, Position(all_.size() + 1), Revision(entries.size())};
    event_ids_[{{commit.tenant, outcome.stream.str()}, commit.events[i].event.id}] = entry.revision;
    entries.push_back(entry);
    all_.push_back(entry);
    outcome.last = entry.revision;
    if (outcome.events++ == 0) outcome.first = entry.revision;
  }
  commits_[{commit.tenant, commit.id}] = stored;
  return receipt;
}

absl::StatusOr<std::optional<CommitReceipt>> MemoryLog::FindCommit(const Commit& candidate) {
  absl::MutexLock lock(&mutex_);
  return Known(candidate);
}

void MemoryLog::SetHeadListener(HeadListener listener) {
  absl::MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

absl::Status MemoryLog::Health() {
  absl::MutexLock lock(&mutex_);
  if (!draining_) return absl::OkStatus();
  return MakeError(ErrorReason::kDraining, "the server is stopping");
}

void MemoryLog::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  while (answering_) idle_.Wait(&mutex_);
}

}  // namespace nexus::storage
