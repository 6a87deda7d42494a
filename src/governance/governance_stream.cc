#include "governance/governance_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "stamp/server_stamp.h"

namespace nexus::governance {

GovernanceStream::GovernanceStream(StreamName name, LogBackend& log, EventReader& reader,
                                   Executor& executor, Clock& clock, IdSource& ids, Fold fold,
                                   GovernanceStreamOptions options)
    : name_(std::move(name)),
      log_(log),
      reader_(reader),
      executor_(executor),
      clock_(clock),
      ids_(ids),
      options_(options),
      fold_(std::move(fold)) {}

absl::Status GovernanceStream::CatchUp() {
  absl::MutexLock lock(&fold_mutex_);
  while (true) {
    const uint64_t next = folded_.load();
    absl::StatusOr<EventBatch> page =
        reader_.ReadStream(name_, Revision(next), Direction::kForward, PageLimits{});
    if (!page.ok()) {
      const bool no_stream = ReasonOf(page.status()) == ErrorReason::kStreamNotFound;
      return no_stream && next == 0 ? absl::OkStatus() : page.status();
    }
    for (const RecordedEvent& event : page->events) {
      if (event.revision.value != folded_.load()) {
        return MakeError(ErrorReason::kDataLoss,
                         absl::StrCat(name_.str(), " has no event at revision ", folded_.load()));
      }
      NEXUS_RETURN_IF_ERROR(fold_(event));
      folded_.fetch_add(1);
    }
    if (page->end || page->events.empty()) return absl::OkStatus();
  }
}

void GovernanceStream::Submit(Change change) {
  bool start = false;
  {
    absl::MutexLock lock(&queue_mutex_);
    if (queue_.size() < options_.changes_max) {
      queue_.push_back(std::move(change));
      start = !std::exchange(busy_, true);
      if (!start) return;
    }
  }
  if (start) return Schedule();
  // NOLINTNEXTLINE(bugprone-use-after-move): it was moved only if it was queued
  (change.held ? change.held : change.done)(
      MakeError(ErrorReason::kOverloaded, "too many governance changes are waiting"));
}

void GovernanceStream::Schedule() {
  // A full executor delays an accepted change; it does not lose it.
  constexpr absl::Duration kLater = absl::Milliseconds(5);
  if (!executor_.TrySubmit([this] { Attempt(); })) {
    executor_.RunAfter(kLater, [this] { Attempt(); });
  }
}

GovernanceStream::Change& GovernanceStream::Current() {
  absl::MutexLock lock(&queue_mutex_);
  return queue_.front();  // others only append: the reference stays good
}

void GovernanceStream::Attempt() {
  bool stale;
  {
    absl::MutexLock lock(&queue_mutex_);
    stale = std::exchange(stale_, false);
  }
  if (stale) {
    if (absl::Status status = CatchUp(); !status.ok()) {
      MarkStale();
      auto held = std::move(Current().held);
      Finish(status);
      if (held) held(std::move(status));
      return;
    }
  }
  if (Current().held) return Current().held(absl::OkStatus());
  absl::StatusOr<std::optional<NewEvent>> planned = Current().plan();
  if (!planned.ok()) return Finish(planned.status());
  if (!planned->has_value()) return Finish(absl::OkStatus());
  Propose(**std::move(planned));
}

void GovernanceStream::Propose(NewEvent event) {
  Commit commit;
  commit.id = CommitId{ids_.NewUuid()};
  commit.stamp = Current().stamp;
  commit.proposed = clock_.Now();
  const uint64_t next = FoldedCount();
  commit.streams.push_back(
      {name_, next == 0 ? ExpectedRevision::NoStream() : ExpectedRevision::Exactly(next - 1)});
  CommitEvent entry;
  entry.event.id = DeriveEventId(commit.id, 0);
  entry.event.type = std::move(event.type);
  entry.event.content_type = std::string(kJsonContentType);
  entry.event.data = std::move(event.data);
  commit.events.push_back(std::move(entry));
  stamp::CompleteStamp(commit);
  log_.Propose(std::move(commit),
               [this](absl::StatusOr<CommitReceipt> outcome) { OnOutcome(outcome); });
}

void GovernanceStream::OnOutcome(const absl::StatusOr<CommitReceipt>& outcome) {
  if (outcome.ok()) return Finish(Settle(*outcome));
  const ErrorReason reason = ReasonOf(outcome.status());
  if (reason == ErrorReason::kRevisionConflict) return Retry();
  if (reason == ErrorReason::kOutcomeUnknown) MarkStale();
  Finish(outcome.status());
}

absl::Status GovernanceStream::Settle(const CommitReceipt& receipt) {
  if (receipt.streams.size() != 1) {
    return MakeError(ErrorReason::kInternal, "a receipt does not name its stream");
  }
  const uint64_t revision = receipt.streams[0].last.value;
  absl::MutexLock lock(&fold_mutex_);
  // CatchUp() may have seen the event already. It cannot be further on than the next one: the
  // commit named the exact revision before it.
  if (revision != folded_.load()) return absl::OkStatus();
  Change& change = Current();
  change.apply_at ? change.apply_at(receipt) : change.apply(receipt.recorded);
  folded_.fetch_add(1);
  return absl::OkStatus();
}

void GovernanceStream::Hold(absl::AnyInvocable<void(absl::Status)> held) {
  Change turn;
  turn.done = [](absl::Status) {};
  turn.held = std::move(held);
  Submit(std::move(turn));
}

void GovernanceStream::Settle(Revision first, uint64_t events, absl::FunctionRef<void()> apply) {
  absl::MutexLock lock(&fold_mutex_);
  if (first.value != folded_.load()) return;
  apply();
  folded_.fetch_add(events);
}

void GovernanceStream::Release() { Finish(absl::OkStatus()); }

void GovernanceStream::MarkStale() {
  absl::MutexLock lock(&queue_mutex_);
  stale_ = true;
}

void GovernanceStream::Retry() {
  bool again;
  {
    absl::MutexLock lock(&queue_mutex_);
    stale_ = true;
    again = ++attempts_ < options_.attempts_max;
  }
  if (again) return Schedule();
  Finish(MakeError(ErrorReason::kOverloaded,
                   absl::StrCat("other writers keep changing ", name_.str())));
}

void GovernanceStream::Finish(absl::Status status) {
  Change finished;
  bool more;
  {
    absl::MutexLock lock(&queue_mutex_);
    finished = std::move(queue_.front());
    queue_.pop_front();
    attempts_ = 0;
    more = busy_ = !queue_.empty();
  }
  if (more) Schedule();
  finished.done(std::move(status));
}

}  // namespace nexus::governance
