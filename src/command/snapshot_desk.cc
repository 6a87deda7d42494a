#include "command/snapshot_desk.h"

#include <optional>
#include <utility>

#include "command/aggregate_loader.h"
#include "nexus/core/errors.h"

namespace nexus::command {

using snapshot::SnapshotReason;

namespace {

absl::Status TooManyTypes(const domain::AggregateRecord& record) {
  return MakeError(
      ErrorReason::kLimitExceeded,
      absl::StrCat("the stream has events of more than ", snapshot::kOtherTypesMax,
                   " types that the aggregate ", record.declaration.name, " does not declare"));
}

}  // namespace

void SnapshotDesk::DropOutdated(LiveAggregate& live) {
  if (parts_ == nullptr || !live.loaded()) return;
  if (!IsCurrent(live)) live.Forget();
}

bool SnapshotDesk::IsCurrent(LiveAggregate& live) const {
  const snapshot::FoldDigests::Sources now = parts_->digests.Now();
  if (live.current_by.IsOf(now)) return true;
  // Any change may be one of its many types.
  if (live.too_many_types) return false;
  if (live.fold_digest != parts_->digests.Of(live.code->record(), live.other_types)) return false;
  live.current_by = snapshot::SourcesMark(now);
  return true;
}

void SnapshotDesk::Begin(const StreamName& stream, AggregateCode& code, LiveAggregate& live) {
  if (parts_ == nullptr) return;
  live.current_by = snapshot::SourcesMark(parts_->digests.Now());
  live.fold_digest = parts_->digests.Of(code.record());
  std::optional<Snapshot> found =
      parts_->finder.Find(stream, [this, &code](const SnapshotInfo& info) {
        return parts_->digests.AreOf(code.record(), info);
      });
  if (!found.has_value()) return;
  absl::StatusOr<StateValue> state = code.Restore(found->state);
  if (!state.ok()) return parts_->finder.CountUnreadable();
  const SnapshotInfo& info = found->info;
  live.state = *std::move(state);
  live.code = &code;
  live.fold_digest = info.code_digest;
  live.other_types = info.other_types;
  live.revision = info.revision;
  live.last = {info.position, info.event_id, info.recorded};
  live.snapshots = {info.revision, info.state_bytes, info.state_bytes, 0};
  parts_->finder.CountUsed(info);
}

SnapshotDesk::ReadMark SnapshotDesk::BeginRead(LiveAggregate& live) const {
  if (parts_ == nullptr) return {};
  ReadMark mark{.sources = parts_->digests.Now()};
  if (live.loaded()) IsCurrent(live);
  mark.current = live.current_by.IsOf(mark.sources);
  mark.other_types = live.other_types.size();
  mark.too_many_types = live.too_many_types;
  return mark;
}

void SnapshotDesk::EndRead(const ReadMark& mark, LiveAggregate& live) const {
  if (parts_ == nullptr || !live.loaded()) return;
  if (live.other_types.size() == mark.other_types && live.too_many_types == mark.too_many_types) {
    return;
  }
  // How their events were given is only sure if nothing has changed since the state was begun, and
  // while they were read. If it has, the state serves this command and is then made anew.
  live.fold_digest.clear();
  if (!live.too_many_types) {
    live.fold_digest = parts_->digests.Of(live.code->record(), live.other_types);
  }
  if (mark.current && mark.sources == parts_->digests.Now()) {
    live.current_by = snapshot::SourcesMark(mark.sources);
  } else {
    live.fold_digest.clear();
    live.current_by = {};
  }
}

void SnapshotDesk::Folded(const LiveAggregate& live, uint64_t events, absl::Duration took) {
  if (parts_ != nullptr && live.loaded() && events > 0) CostOf(live).Add(events, took);
}

void SnapshotDesk::Loaded(LiveAggregate& live, uint64_t events, absl::Duration took) {
  Folded(live, events, took);
  if (parts_ == nullptr || !live.loaded() || events == 0) return;
  if (live.snapshots.measured_bytes > 0) return;
  // Of a state that was made of events alone nobody knows how large it is: the next append asks.
  live.snapshots.bytes_since = live.code->record().declaration.snapshots.state_bytes;
}

snapshot::ReplayCost& SnapshotDesk::CostOf(const LiveAggregate& live) {
  return costs_[live.code->record().declaration.name];
}

void SnapshotDesk::Stored(LiveAggregate& live, size_t bytes) {
  if (parts_ == nullptr || !live.loaded() || !live.revision.has_value()) return;
  const domain::SnapshotDeclaration& declared = live.code->record().declaration.snapshots;
  live.snapshots.bytes_since += bytes;
  if (live.wanted != SnapshotReason::kNone || due_.size() >= kDueMax) return;
  const SnapshotReason need =
      snapshot::NeedAfterAppend(declared, live.snapshots, *live.revision, CostOf(live));
  if (need == SnapshotReason::kNone) return;
  Want(live, need);
}

void SnapshotDesk::Want(LiveAggregate& live, SnapshotReason reason) {
  live.wanted = reason;
  live.wanted_since = parts_->clock.Monotonic();
  due_.push_back({live.stream, live.wanted_since});
}

void SnapshotDesk::LookForAged(const std::list<LiveAggregate*>& used, absl::Duration max_age) {
  if (parts_ == nullptr) return;
  const int64_t before = parts_->clock.Now().micros - absl::ToInt64Microseconds(max_age);
  size_t looked = 0;
  size_t found = 0;
  for (LiveAggregate* const live : used) {
    if (++looked > kLookMax || found >= kAgedMax || due_.size() >= kDueMax) return;
    if (!live->loaded() || live->wanted != SnapshotReason::kNone || live->snapshots.last) continue;
    if (!live->oldest.has_value() || live->oldest->micros >= before) continue;
    if (!live->revision.has_value() || live->revision->value + 1 < kAgedEventsMin) continue;
    const domain::SnapshotDeclaration& declared = live->code->record().declaration.snapshots;
    if (declared.mode == domain::SnapshotMode::kNone) continue;
    Want(*live, SnapshotReason::kAge);
    ++found;
  }
}

void SnapshotDesk::AwaitRoom(absl::Duration patience) const {
  if (parts_ != nullptr) parts_->writer.AwaitRoom(patience);
}

bool SnapshotDesk::IsLate() const {
  return !due_.empty() && parts_->clock.Monotonic() - due_.front().since > kPatience;
}

std::string SnapshotDesk::TakeDue() {
  std::string stream = std::move(due_.front().stream);
  due_.pop_front();
  return stream;
}

absl::Status SnapshotDesk::Make(LiveAggregate& live) {
  const SnapshotReason reason = std::exchange(live.wanted, SnapshotReason::kNone);
  if (!live.loaded() || reason == SnapshotReason::kNone) return absl::OkStatus();
  return Write(live, reason, live.wanted_since, nullptr);
}

absl::Status SnapshotDesk::MakeNow(LiveAggregate& live, SnapshotReason reason, Done done) {
  return Write(live, reason, parts_->clock.Monotonic(), std::move(done));
}

absl::Status SnapshotDesk::Write(LiveAggregate& live, SnapshotReason reason, absl::Duration decided,
                                 Done done) {
  const domain::AggregateRecord& record = live.code->record();
  if (!IsCurrent(live)) {
    // What was registered meanwhile folds otherwise: the next command begins anew.
    if (done) {
      done(MakeError(ErrorReason::kOverloaded, "the schemas of its events have just changed",
                     absl::Milliseconds(100)));
    }
    return absl::OkStatus();
  }
  absl::Status folded = AggregateLoader::FoldCommitted(live);
  if (folded.ok() && live.too_many_types) folded = TooManyTypes(record);
  absl::StatusOr<std::string> state =
      folded.ok() ? live.code->StateJson(*live.state) : absl::StatusOr<std::string>(folded);
  if (!state.ok()) {
    parts_->metrics.Failed(snapshot::kFailedCode).Add(1);
    // Not again at once: it would fail again.
    live.snapshots.last = live.revision;
    live.snapshots.bytes_since = 0;
    if (done) done(state.status());
    return state.status();
  }
  const domain::SnapshotDeclaration& declared = record.declaration.snapshots;
  live.snapshots.measured_bytes = state->size();
  live.snapshots.bytes_since = 0;
  if (reason == SnapshotReason::kMeasure) {
    if (!snapshot::IsLargeState(declared, live.snapshots, state->size())) return absl::OkStatus();
    reason = SnapshotReason::kState;
  }
  snapshot::SnapshotJob job;
  SnapshotInfo& info = job.snapshot.info;
  info.stream = live.stream;
  info.revision = *live.revision;
  info.position = live.last.position;
  info.event_id = live.last.id;
  info.recorded = live.last.recorded;
  info.events = live.revision->value + 1;
  info.aggregate = record.declaration.name;
  info.state_schema = record.domain_version;
  info.code_digest = live.fold_digest;
  info.other_types = live.other_types;
  const uint64_t bytes = state->size();
  job.snapshot.state = *std::move(state);
  job.keep = declared.keep;
  job.reason = reason;
  job.decided = decided;
  job.done = std::move(done);
  if (parts_->writer.Submit(std::move(job))) {
    live.snapshots.last = live.revision;
    live.snapshots.last_bytes = bytes;
  }
  return absl::OkStatus();
}

}  // namespace nexus::command
