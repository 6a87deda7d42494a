#include "simulation/simulated_log.h"

#include <algorithm>
#include <utility>

#include "log/verdict.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::simulation {

SimulatedLog::SimulatedLog(SimulatedStore& store, Executor& executor, Chance& chance,
                           Planted planted)
    : store_(store),
      executor_(executor),
      chance_(chance),
      planted_(planted),
      queue_max_(chance.BuggifyRun("tiny log queue") ? 2 : 1'000),
      group_max_(chance.BuggifyRun("tiny groups") ? 1 : 16),
      tiny_pages_(chance.BuggifyRun("tiny pages")),
      image_(planted != Planted::kForgetIds) {
  for (const StoredCommitPtr& commit : store_.Recover()) image_.Add(commit);
}

void SimulatedLog::Propose(Commit commit, CommitDone done) {
  if (!fault_.ok()) return done(MakeError(ErrorReason::kNotReady, "the log has failed"));
  if (draining_) return done(MakeError(ErrorReason::kDraining, "the server is stopping"));
  if (queue_.size() >= queue_max_) {
    chance_.Reached("the log is overloaded");
    return done(MakeError(ErrorReason::kOverloaded, "too many commits are queued"));
  }
  queue_.push_back({std::move(commit), std::move(done)});
  Next();
}

void SimulatedLog::Next() {
  if (busy_ || queue_.empty()) return;
  busy_ = true;
  executor_.RunAfter(absl::Microseconds(chance_.Between(1, 20)), [this] { FormGroup(); });
}

void SimulatedLog::FormGroup() {
  auto group = std::make_shared<Group>();
  while (!queue_.empty() && group->pending.size() < group_max_) {
    group->pending.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (group->pending.size() > 1) chance_.Reached("a group of several commits");
  if (!fault_.ok()) {
    Refuse(*group, MakeError(ErrorReason::kNotReady, "the log has failed"));
    return;
  }
  if (chance_.Buggify("disk is full")) {
    Refuse(*group, MakeError(ErrorReason::kDiskFull, "the disk is full"));
    return;
  }
  Decide(*group);
  if (group->stored.empty()) {
    chance_.Reached("a group that stores nothing");
    Answer(*group);
    busy_ = false;
    Next();
    return;
  }
  if (!store_.Write(group->stored).ok()) {
    if (planted_ != Planted::kGoOnAfterFailedWrite) fault_ = absl::UnknownError("write");
    Refuse(*group, MakeError(ErrorReason::kOutcomeUnknown, "the write failed"));
    return;
  }
  syncing_ = true;
  if (planted_ == Planted::kAckBeforeSync || planted_ == Planted::kPublishBeforeSync) {
    Publish(*group);
  }
  if (planted_ == Planted::kAckBeforeSync) Answer(*group);
  const uint64_t most = chance_.Buggify("slow sync") ? 20'000 : 200;
  executor_.RunAfter(absl::Microseconds(chance_.Between(20, most)),
                     [this, group] { OnSyncDue(group); });
}

void SimulatedLog::Decide(Group& group) {
  std::vector<log::CommitTraits> traits;
  std::vector<log::Candidate> candidates;
  traits.reserve(group.pending.size());
  for (Pending& pending : group.pending) {
    if (planted_ == Planted::kIgnoreConditions) pending.commit.conditions.clear();
    candidates.push_back({&pending.commit, &traits.emplace_back(pending.commit)});
  }
  log::AppliedGroup applied = log::Apply(image_.tip(), image_, candidates);
  group.verdicts = std::move(applied.verdicts);
  for (const log::AcceptedCommit& accepted : applied.accepted) {
    group.stored.push_back(std::make_shared<const log::StoredCommit>(
        log::StoredCommit{group.pending[accepted.index].commit, *group.verdicts[accepted.index]}));
  }
}

void SimulatedLog::OnSyncDue(std::shared_ptr<Group> group) {
  syncing_ = false;
  if (!store_.Sync().ok()) {
    if (planted_ != Planted::kGoOnAfterFailedWrite) fault_ = absl::UnknownError("sync");
    Refuse(*group, MakeError(ErrorReason::kOutcomeUnknown, "the sync failed"));
    return;
  }
  const bool published =
      planted_ == Planted::kAckBeforeSync || planted_ == Planted::kPublishBeforeSync;
  if (!published) Publish(*group);
  if (planted_ != Planted::kAckBeforeSync) Answer(*group);
  if (listener_) listener_(Head());
  busy_ = false;
  Next();
}

void SimulatedLog::Publish(const Group& group) {
  for (const StoredCommitPtr& commit : group.stored) image_.Add(commit);
  if (planted_ == Planted::kPublishBeforeSync && listener_) listener_(Head());
}

void SimulatedLog::Answer(Group& group) {
  for (size_t i = 0; i < group.pending.size(); ++i) {
    group.pending[i].done(std::move(group.verdicts[i]));
  }
}

void SimulatedLog::Refuse(Group& group, const absl::Status& why) {
  for (Pending& pending : group.pending) pending.done(why);
  busy_ = false;
  Next();
}

void SimulatedLog::Abandon() {
  queue_.clear();
  listener_ = nullptr;
}

absl::StatusOr<std::optional<CommitReceipt>> SimulatedLog::FindCommit(const Commit& candidate) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<log::StoredCommit> stored,
                         image_.FindCommit(candidate.tenant, candidate.id));
  if (!stored.has_value()) return std::optional<CommitReceipt>();
  return log::RepeatReceipt(candidate, stored->commit, stored->receipt);
}

absl::StatusOr<std::optional<PositionRange>> SimulatedLog::LocateCommit(const CommitId& id) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<log::StoredCommit> stored, image_.FindCommit(0, id));
  if (!stored.has_value()) return std::optional<PositionRange>();
  return std::optional<PositionRange>({stored->receipt.first, stored->receipt.last});
}

absl::Status SimulatedLog::ReadFault() {
  if (!chance_.Buggify("a read fails once")) return absl::OkStatus();
  return MakeError(ErrorReason::kDataLoss, "a page ended early");
}

PageLimits SimulatedLog::Limit(PageLimits limits) {
  if (tiny_pages_) limits.events_max = std::min<size_t>(limits.events_max, 2);
  return limits;
}

absl::StatusOr<EventBatch> SimulatedLog::ReadAll(Position from, Direction direction,
                                                 PageLimits limits) {
  NEXUS_RETURN_IF_ERROR(ReadFault());
  EventBatch empty;
  empty.head = Head();
  empty.end = true;
  uint64_t at = from.value;
  if (direction == Direction::kForward) {
    at = std::max<uint64_t>(at, 1);
    if (at > image_.size()) return empty;
  } else {
    at = std::min<uint64_t>(at, image_.size());
    if (at == 0) return empty;
  }
  return image_.Page(nullptr, at - 1, direction, Limit(limits));
}

absl::StatusOr<EventBatch> SimulatedLog::ReadStream(const StreamName& stream, Revision from,
                                                    Direction direction, PageLimits limits) {
  NEXUS_RETURN_IF_ERROR(ReadFault());
  const std::vector<size_t>* events = image_.Stream(stream.str());
  if (events == nullptr) return MakeError(ErrorReason::kStreamNotFound, "no such stream");
  uint64_t at = from.value;
  if (at >= events->size()) {
    if (direction == Direction::kForward) {
      EventBatch empty;
      empty.head = Head();
      empty.end = true;
      return empty;
    }
    at = events->size() - 1;
  }
  return image_.Page(events, at, direction, Limit(limits));
}

absl::StatusOr<EventBatch> SimulatedLog::ReadAt(absl::Span<const Position> positions, PageLimits) {
  EventBatch page;
  page.head = Head();
  page.end = true;
  for (const Position position : positions) {
    if (position.value == 0 || position.value > image_.size()) {
      return MakeError(ErrorReason::kDataLoss, "beyond the head");
    }
    EventBatch one = image_.Page(nullptr, position.value - 1, Direction::kForward, {1, 1});
    page.events.push_back(std::move(one.events.front()));
    page.backing.push_back(std::move(one.backing.front()));
  }
  return page;
}

absl::StatusOr<Position> SimulatedLog::FirstRecordedAt(Timestamp time) {
  size_t at = 0;
  while (at < image_.size() && image_.RecordedAt(at) < time) ++at;
  return Position(at + 1);
}

absl::StatusOr<StreamInfo> SimulatedLog::GetStream(const StreamName& stream) {
  NEXUS_RETURN_IF_ERROR(ReadFault());
  NEXUS_ASSIGN_OR_RETURN(const std::optional<log::StreamHead> head,
                         image_.FindStream(0, stream.str()));
  if (!head.has_value()) return MakeError(ErrorReason::kStreamNotFound, "no such stream");
  return StreamInfo{stream.str(),        head->last_revision, head->first_position,
                    head->last_position, head->created,       head->updated};
}

absl::StatusOr<StreamPage> SimulatedLog::ListStreams(const StreamQuery&) {
  StreamPage page;
  page.end = true;
  for (const std::string& name : image_.Names()) {
    NEXUS_ASSIGN_OR_RETURN(StreamInfo info, GetStream(StreamName::Literal(name)));
    page.streams.push_back(std::move(info));
  }
  return page;
}

}  // namespace nexus::simulation
