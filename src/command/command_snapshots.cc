#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "command/command_runner.h"
#include "command/command_worker.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

// Of one worker; one that has to wait holds nothing but its names.
constexpr size_t kSnapshotRequestsMax = 1'024;

}  // namespace

void CommandRunner::MakeSnapshot(const StreamName& stream, snapshot::SnapshotReason reason,
                                 absl::Duration deadline, SnapshotDesk::Done done) {
  const std::shared_ptr<const domain::DomainState> domains = parts_.domains();
  const domain::AggregateRecord* const record = domains->FindCategory(stream.category());
  if (record == nullptr) {
    return done(MakeError(ErrorReason::kNotFound,
                          absl::StrCat("no aggregate has streams of the category ",
                                       stream.category(), ", as ", stream.str(), " is")));
  }
  if (record->declaration.is_remote() || parts_.snapshots == nullptr) {
    return done(MakeError(
        ErrorReason::kUnimplemented,
        parts_.snapshots == nullptr
            ? std::string("snapshots.enabled is off")
            : absl::StrCat("a worker decides ", record->declaration.name, ": its state is there")));
  }
  SnapshotRequest request;
  // Shares the life of the state, whose record it is.
  request.record = std::shared_ptr<const domain::AggregateRecord>(domains, record);
  request.stream = stream;
  request.reason = reason;
  request.deadline = deadline;
  request.done = std::move(done);
  const size_t worker = absl::HashOf(stream.str()) % workers_.size();
  workers_[worker]->MakeSnapshot(std::move(request));
}

void CommandRunner::MakeSnapshotsOfAged(absl::Duration max_age) {
  for (const auto& worker : workers_) worker->MakeSnapshotsOfAged(max_age);
}

void CommandWorker::MakeSnapshotsOfAged(absl::Duration max_age) {
  Step step;
  step.kind = Step::Kind::kLook;
  step.max_age = max_age;
  Post(std::move(step));
}

void CommandWorker::MakeSnapshot(SnapshotRequest request) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = MakeError(ErrorReason::kDraining, "the server shuts down");
    } else if (requests_ >= kSnapshotRequestsMax) {
      refused = MakeError(ErrorReason::kOverloaded, "too many requests for snapshots are waiting",
                          absl::Milliseconds(500));
    } else {
      ++requests_;
      Step& step = steps_.emplace_back();
      step.kind = Step::Kind::kSnapshot;
      step.snapshot = std::make_shared<SnapshotRequest>(std::move(request));
      changed_.Signal();
      return;
    }
  }
  request.done(std::move(refused));
}

void CommandWorker::TakeSnapshot(SnapshotRequest request) {
  folds_.push_back(std::make_unique<SnapshotFold>(SnapshotFold{std::move(request)}));
}

// One slice, after which commands have their turn.
void CommandWorker::FoldForSnapshot() {
  if (folds_.empty()) return;
  const absl::StatusOr<LiveAggregate*> ready = FoldSlice(*folds_.front());
  if (ready.ok() && *ready == nullptr) return;
  std::unique_ptr<SnapshotFold> fold = std::move(folds_.front());
  folds_.pop_front();
  {
    absl::MutexLock lock(&mutex_);
    --requests_;
  }
  if (ready.ok()) {
    desk_.MakeNow(**ready, fold->request.reason, std::move(fold->request.done)).IgnoreError();
  } else {
    fold->request.done(ready.status());
  }
  const std::string aggregate = fold->request.record->declaration.name;
  // Its state before the code.
  fold.reset();
  const auto code = codes_.find(aggregate);
  if (code != codes_.end()) DropIfBroken(code->second.get());
}

absl::StatusOr<LiveAggregate*> CommandWorker::FoldSlice(SnapshotFold& fold) {
  const SnapshotRequest& request = fold.request;
  if (Now() > request.deadline) {
    return MakeError(ErrorReason::kDeadlineExceeded,
                     absl::StrCat("the events of ", request.stream.str(),
                                  " could not be folded before the deadline"));
  }
  NEXUS_ASSIGN_OR_RETURN(AggregateCode * code, CodeFor(fold));
  fold.begun = true;
  const auto found = fold.apart ? live_.end() : live_.find(request.stream.str());
  if (found != live_.end()) {
    LiveAggregate& live = *found->second;
    // An aggregate of another name that has the category now: its code folds on from no state but
    // its own.
    if (live.loaded() && !live.busy && live.code != code) live.Forget();
    desk_.DropOutdated(live);
    // Events of a command are on their way to the log; what is in memory goes up to those before.
    const bool ours = live.loaded() && live.code == code;
    if (ours && live.busy && live.revision.has_value()) return &live;
    if (live.loaded() && !live.busy) return ReadSlice(fold, *code, live);
  }
  fold.apart = true;
  fold.own.stream = request.stream.str();
  desk_.DropOutdated(fold.own);
  if (!fold.own.loaded()) desk_.Begin(request.stream, *code, fold.own);
  if (!code->broken()) return ReadSlice(fold, *code, fold.own);
  return MakeError(ErrorReason::kOverloaded, "the code has to be loaded anew",
                   absl::Milliseconds(100));
}

// Of a domain that was changed meanwhile the newer code is the one that commands need.
absl::StatusOr<AggregateCode*> CommandWorker::CodeFor(const SnapshotFold& fold) {
  const domain::AggregateRecord& wanted = *fold.request.record;
  const auto found = codes_.find(wanted.declaration.name);
  bool changed = fold.begun && found == codes_.end();
  if (found != codes_.end()) {
    const domain::AggregateRecord& has = found->second->record();
    const bool same = has.code_digest == wanted.code_digest;
    changed = !same && (fold.begun || has.domain_version > wanted.domain_version);
  }
  if (!changed) return CodeOf(fold.request.record);
  return MakeError(ErrorReason::kOverloaded,
                   absl::StrCat("the code of the aggregate ", wanted.declaration.name,
                                " was loaded anew meanwhile"),
                   absl::Milliseconds(100));
}

absl::StatusOr<LiveAggregate*> CommandWorker::ReadSlice(SnapshotFold& fold, AggregateCode& code,
                                                        LiveAggregate& live) {
  const SnapshotDesk::ReadMark mark = desk_.BeginRead(live);
  const absl::StatusOr<AggregateLoader::Slice> slice =
      loader_.LoadSlice(fold.request.stream, code, live, upcasts_.get());
  desk_.EndRead(mark, live);
  if (!slice.ok()) {
    live.Forget();
    return slice.status();
  }
  if (!slice->end) return nullptr;
  if (live.revision.has_value()) return &live;
  return MakeError(ErrorReason::kStreamNotFound,
                   absl::StrCat("the stream ", live.stream, " has no event"));
}

void CommandWorker::RefuseSnapshots() {
  for (const auto& fold : folds_) {
    fold->request.done(MakeError(ErrorReason::kDraining, "the server shuts down"));
  }
  folds_.clear();
}

// A snapshot whose state breaks the code is not used: the state is made of events.
absl::StatusOr<AggregateCode*> CommandWorker::BeginState(const CommandCall& call,
                                                         AggregateCode* code, LiveAggregate& live) {
  desk_.Begin(call.stream, *code, live);
  if (!code->broken()) return code;
  const std::string digest = live.fold_digest;
  DropIfBroken(code);
  live.fold_digest = digest;
  return CodeOf(call.record);
}

absl::Status CommandWorker::FoldStored(LiveAggregate& live) {
  const size_t count = live.unfolded_count;
  const absl::Duration begun = Now();
  NEXUS_RETURN_IF_ERROR(AggregateLoader::FoldCommitted(live));
  desk_.Folded(live, count, Now() - begun);
  return absl::OkStatus();
}

void CommandWorker::TendSnapshots(bool idle) {
  if (desk_.empty() || !(idle || desk_.IsLate())) return;
  const auto due = live_.find(desk_.TakeDue());
  if (due == live_.end()) return;
  AggregateCode* const code = due->second->code;
  desk_.Make(*due->second).IgnoreError();  // counted
  DropIfBroken(code);
}

// Nobody waits for the thread any more but who stops it.
void CommandWorker::FinishSnapshots() {
  const absl::Duration until = Now() + options_.snapshot_patience;
  while (!desk_.empty()) {
    const absl::Duration left = until - Now();
    if (left <= absl::ZeroDuration()) return;
    desk_.AwaitRoom(left);
    TendSnapshots(true);
  }
}

}  // namespace nexus::command
