#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "command/command_runner.h"
#include "command/command_worker.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {

void CommandRunner::MakeSnapshot(const StreamName& stream, snapshot::SnapshotReason reason,
                                 SnapshotDesk::Done done) {
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
    } else if (steps_.size() >= options_.commands_max) {
      refused = MakeError(ErrorReason::kOverloaded, "too many commands are waiting",
                          absl::Milliseconds(500));
    } else {
      Step& step = steps_.emplace_back();
      step.kind = Step::Kind::kSnapshot;
      step.snapshot = std::make_shared<SnapshotRequest>(std::move(request));
      changed_.Signal();
      return;
    }
  }
  request.done(std::move(refused));
}

void CommandWorker::TakeSnapshot(SnapshotRequest& request) {
  LiveAggregate& live = Find(request.stream.str());
  const bool was_loaded = live.loaded();
  if (absl::Status ready = ReadyForSnapshot(request, live); !ready.ok()) {
    if (!was_loaded) live.Forget();
    request.done(std::move(ready));
    return;
  }
  AggregateCode* const code = live.code;
  desk_.MakeNow(live, request.reason, std::move(request.done)).IgnoreError();
  // Nobody has asked for this aggregate: it is not to take the place of one that is in use.
  if (!was_loaded) live.Forget();
  DropIfBroken(code);
}

absl::Status CommandWorker::ReadyForSnapshot(const SnapshotRequest& request, LiveAggregate& live) {
  NEXUS_ASSIGN_OR_RETURN(AggregateCode * code, CodeOf(request.record));
  if (live.busy) {
    // Its events are on their way to the log; what is in memory goes up to those before them.
    if (live.loaded() && live.code == code && live.revision.has_value()) return absl::OkStatus();
    return MakeError(ErrorReason::kOverloaded, absl::StrCat(live.stream, " is busy with a command"),
                     absl::Milliseconds(100));
  }
  if (live.loaded() && live.code != code) live.Forget();
  desk_.DropOutdated(live);
  if (!live.loaded()) desk_.Begin(request.stream, *code, live);
  absl::Status loaded = code->broken()
                            ? MakeError(ErrorReason::kOverloaded, "the code has to be loaded anew",
                                        absl::Milliseconds(100))
                            : loader_.Load(request.stream, *code, live).status();
  if (!loaded.ok()) {
    live.Forget();
    DropIfBroken(code);
    return loaded;
  }
  if (live.revision.has_value()) return absl::OkStatus();
  return MakeError(ErrorReason::kStreamNotFound,
                   absl::StrCat("the stream ", live.stream, " has no event"));
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
