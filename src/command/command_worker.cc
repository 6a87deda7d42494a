#include "command/command_worker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "command/command_outcome.h"
#include "command/command_view.h"
#include "command/repeated_command.h"
#include "concurrency/thread_name.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {

CommandWorker::CommandWorker(const CommandWorkerParts& parts, const CommandWorkerOptions& options)
    : parts_(parts),
      options_(options),
      loader_(parts.reader, parts.engine.evolution()),
      desk_(parts.snapshots),
      thread_([this] { Run(); }) {}

CommandWorker::~CommandWorker() { Stop(); }

absl::Status CommandWorker::Submit(CommandCallPtr call) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return MakeError(ErrorReason::kDraining, "the server shuts down");
  if (open_ >= options_.commands_max) {
    return MakeError(ErrorReason::kOverloaded, "too many commands are waiting",
                     absl::Milliseconds(100));
  }
  ++open_;
  steps_.push_back({Step::Kind::kBegin, std::move(call)});
  changed_.Signal();
  return absl::OkStatus();
}

void CommandWorker::Post(Step step) {
  absl::MutexLock lock(&mutex_);
  steps_.push_back(std::move(step));
  changed_.Signal();
}

void CommandWorker::Drain() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  changed_.Signal();
}

void CommandWorker::Stop() {
  Drain();
  if (thread_.joinable()) thread_.join();
}

void CommandWorker::Run() {
  concurrency::NameThisThread("nexus-command");
  auto context = parts_.scripts.NewContext(options_.context);
  if (context.ok()) {
    context_ = *std::move(context);
    upcasts_ =
        std::make_unique<domain::ScriptRunner>(*context_, options_.call, parts_.upcast_metrics);
  } else {
    start_ = context.status();
  }
  std::deque<Step> taken;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      while (steps_.empty() && desk_.empty() && folds_.empty() && !(stopping_ && open_ == 0)) {
        changed_.Wait(&mutex_);
      }
      if (steps_.empty() && stopping_ && open_ == 0) break;
      taken.swap(steps_);
    }
    TendSnapshots(taken.empty());
    for (Step& step : taken) {
      Take(std::move(step));
      while (!ready_.empty()) {
        CommandCallPtr call = std::move(ready_.front());
        ready_.pop_front();
        Decide(call, Find(call->stream.str()));
      }
    }
    taken.clear();
    FoldForSnapshot();
    Evict();
    parts_.metrics.live.Set(static_cast<double>(live_.size()));
  }
  RefuseSnapshots();
  FinishSnapshots();
  // States before their code, code before its context, which is this thread's.
  live_.clear();
  used_.clear();
  codes_.clear();
  upcasts_.reset();
  context_.reset();
}

void CommandWorker::Take(Step step) {
  if (step.kind == Step::Kind::kBegin) return Begin(std::move(step.call));
  if (step.kind == Step::Kind::kSnapshot) return TakeSnapshot(std::move(*step.snapshot));
  if (step.kind == Step::Kind::kLook) return desk_.LookForAged(used_, step.max_age);
  LiveAggregate& live = Find(step.call->stream.str());
  switch (step.kind) {
    case Step::Kind::kStored:
      return TakeStored(step, live);
    case Step::Kind::kRefused:
      return TakeRefused(step, live);
    case Step::Kind::kAgain:
    case Step::Kind::kBegin:
    case Step::Kind::kSnapshot:
    case Step::Kind::kLook:
      return Decide(step.call, live);
  }
}

void CommandWorker::Begin(CommandCallPtr call) {
  LiveAggregate& live = Find(call->stream.str());
  const absl::Duration now = Now();
  if (live.busy) {
    absl::Status may = CheckWait(live.stream, live.Queue(call->begun, now), options_.wait_max);
    if (!may.ok()) return Refuse(*call, std::move(may));
    live.waiting.push_back(std::move(call));
    return;
  }
  if (now - live.turn_since > TurnPace::kPause) live.pace = {};
  live.busy = true;
  live.turn_since = now;
  Decide(call, live);
}

void CommandWorker::Release(LiveAggregate& live) {
  const absl::Duration now = Now();
  live.pace.Add(now - live.turn_since);
  pace_.Add(now - live.turn_since, now);
  live.turn_since = now;
  if (live.waiting.empty()) {
    live.busy = false;
    return;
  }
  ready_.push_back(std::move(live.waiting.front()));
  live.waiting.pop_front();
}

void CommandWorker::Decide(const CommandCallPtr& call, LiveAggregate& live) {
  if (call->attempts == 0) call->timings.waiting = Now() - call->begun;
  if (Now() > call->caller.deadline) {
    Fail(*call, engine::DroppedLate());
    return Release(live);
  }
  ++call->attempts;
  absl::StatusOr<Outlook> outlook = DecideNow(*call, live);
  if (!outlook.ok()) {
    DropIfBroken(live.code);
    Fail(*call, outlook.status());
    return Release(live);
  }
  if (outlook->decision.events.empty()) {
    AnswerWithoutEvents(*call, live, std::move(outlook->decision));
    return Release(live);
  }
  Store(call, live, std::move(outlook->decision));
}

// What leaves no event, or contradicts the caller, is only said of the state that the stream has
// now; what leaves one is checked by the log itself.
absl::StatusOr<CommandWorker::Outlook> CommandWorker::DecideNow(CommandCall& call,
                                                                LiveAggregate& live) {
  Outlook outlook;
  NEXUS_RETURN_IF_ERROR(BringUp(call, live, outlook.fresh));
  for (;;) {
    const absl::Status expected = CheckExpected(call, live.revision);
    if (!expected.ok() && outlook.fresh) return expected;
    if (expected.ok()) {
      NEXUS_ASSIGN_OR_RETURN(outlook.decision, Ask(call, live));
      if (outlook.fresh || !outlook.decision.events.empty()) return outlook;
    }
    const std::optional<Revision> before = live.revision;
    NEXUS_RETURN_IF_ERROR(Load(call, *live.code, live));
    outlook.fresh = true;
    if (expected.ok() && live.revision == before) return outlook;
  }
}

absl::Status CommandWorker::BringUp(CommandCall& call, LiveAggregate& live, bool& fresh) {
  NEXUS_ASSIGN_OR_RETURN(AggregateCode * code, CodeOf(call.record));
  if (live.loaded() && live.code != code) live.Forget();
  desk_.DropOutdated(live);
  if (live.loaded()) {
    parts_.metrics.hits.Add(1);
    return FoldStored(live);
  }
  parts_.metrics.misses.Add(1);
  call.timings.loading = absl::ZeroDuration();
  const absl::Duration begun = Now();
  NEXUS_ASSIGN_OR_RETURN(code, BeginState(call, code, live));
  call.timings.loading = Now() - begun;
  if (absl::Status loaded = Load(call, *code, live); !loaded.ok()) {
    live.Forget();
    DropIfBroken(code);
    return loaded;
  }
  parts_.metrics.loading.Observe(absl::ToDoubleSeconds(call.timings.loading));
  fresh = true;
  return absl::OkStatus();
}

absl::Status CommandWorker::Load(CommandCall& call, AggregateCode& code, LiveAggregate& live) {
  const absl::Duration begun = Now();
  const SnapshotDesk::ReadMark mark = desk_.BeginRead(live);
  const absl::StatusOr<uint64_t> read = loader_.Load(call.stream, code, live, upcasts_.get());
  desk_.EndRead(mark, live);
  const absl::Duration took = Now() - begun;
  call.timings.loading += took;
  if (read.ok()) {
    parts_.metrics.loaded_events.Add(static_cast<double>(*read));
    desk_.Loaded(live, *read, took);
  }
  return read.status();
}

absl::StatusOr<Decision> CommandWorker::Ask(CommandCall& call, LiveAggregate& live) {
  DecideContext about;
  about.now = parts_.engine.clock().Now();
  about.aggregate_id = call.aggregate_id();
  about.correlation_id = call.correlation_id;
  about.causation_id = call.draft.causation_id;
  about.principal = &call.caller.principal;
  const absl::Duration begun = Now();
  absl::StatusOr<std::string> text =
      live.code->Decide(*live.state, call.view, ContextView(about, call.id));
  call.timings.deciding = Now() - begun;
  parts_.metrics.deciding.Observe(absl::ToDoubleSeconds(call.timings.deciding));
  if (!text.ok()) return text.status();
  return ReadDecision(*text, call.record->declaration, parts_.json);
}

void CommandWorker::AnswerWithoutEvents(CommandCall& call, const LiveAggregate& live,
                                        Decision decision) {
  // Once it was stored the same command may well be refused; its answer stays the first one.
  absl::StatusOr<std::optional<CommandReceipt>> known =
      FindRepeated(call, parts_.locator, parts_.reader);
  if (!known.ok()) return Fail(call, known.status());
  if (known->has_value()) return Answer(call, **std::move(known));
  if (decision.rejection.has_value()) return Fail(call, RejectionStatus(*decision.rejection));
  Answer(call, ReceiptWithoutEvents(call, live.revision));
}

void CommandWorker::TakeStored(const Step& step, LiveAggregate& live) {
  if (live.loaded()) {
    if (step.last.has_value()) {
      absl::StrAppend(&live.unfolded, live.unfolded.empty() ? "" : ",", step.views);
      live.unfolded_count += step.count;
      if (!live.revision.has_value()) live.oldest = step.point.recorded;
      live.revision = step.last;
      live.last = step.point;
      desk_.Stored(live, step.views.size());
    } else {
      live.Forget();
    }
  }
  Release(live);
}

void CommandWorker::TakeRefused(const Step& step, LiveAggregate& live) {
  CommandCall& call = *step.call;
  const ErrorReason reason = ReasonOf(step.refusal);
  if (reason == ErrorReason::kRevisionConflict) {
    parts_.metrics.conflicts.Add(1);
    if (call.attempts < options_.attempts_max) return DecideAgain(step.call, live);
  }
  if (reason == ErrorReason::kOutcomeUnknown) live.Forget();
  if (reason == ErrorReason::kIdReused || reason == ErrorReason::kRevisionConflict) {
    absl::StatusOr<std::optional<CommandReceipt>> known =
        FindRepeated(call, parts_.locator, parts_.reader);
    if (known.ok() && known->has_value()) {
      Answer(call, **std::move(known));
      return Release(live);
    }
  }
  Fail(call, step.refusal);
  Release(live);
}

void CommandWorker::DecideAgain(const CommandCallPtr& call, LiveAggregate& live) {
  if (live.loaded()) {
    if (absl::Status seen = Load(*call, *live.code, live); !seen.ok()) {
      DropIfBroken(live.code);
      Fail(*call, std::move(seen));
      return Release(live);
    }
  }
  const absl::Duration pause = PauseAfterConflict(call->attempts, parts_.ids);
  if (pause == absl::ZeroDuration()) return Decide(call, live);
  parts_.engine.workers().RunAfter(pause, [this, call] { Post({Step::Kind::kAgain, call}); });
}

// Of a command that has not waited: it says nothing about how long commands take.
void CommandWorker::Refuse(CommandCall& call, absl::Status why) {
  parts_.metrics.Commands(call.draft.type, ReasonName(ReasonOf(why))).Add(1);
  call.done(std::move(why));
  Close();
}

void CommandWorker::Fail(CommandCall& call, absl::Status why) { Answer(call, std::move(why)); }

void CommandWorker::Answer(CommandCall& call, absl::StatusOr<CommandReceipt> receipt) {
  AnswerCall(call, std::move(receipt), parts_.metrics, Now());
  Close();
}

void CommandWorker::Close() {
  absl::MutexLock lock(&mutex_);
  --open_;
  if (stopping_) changed_.Signal();
}

LiveAggregate& CommandWorker::Find(const std::string& stream) {
  std::unique_ptr<LiveAggregate>& live = live_[stream];
  if (live == nullptr) {
    live = std::make_unique<LiveAggregate>();
    live->stream = stream;
    live->turn_since = Now();
    live->pace = pace_.At(live->turn_since);
    live->place = used_.insert(used_.begin(), live.get());
  } else if (live->place != used_.begin()) {
    used_.splice(used_.begin(), used_, live->place);
  }
  return *live;
}

void CommandWorker::Evict() {
  auto last = used_.end();
  while (live_.size() > options_.live_max && last != used_.begin()) {
    --last;
    if ((*last)->busy) continue;
    LiveAggregate* const gone = *last;
    // What is due of it would never be made.
    AggregateCode* const code = gone->code;
    desk_.Make(*gone).IgnoreError();  // counted
    DropIfBroken(code);
    last = used_.erase(last);
    live_.erase(gone->stream);
  }
}

absl::StatusOr<AggregateCode*> CommandWorker::CodeOf(
    const std::shared_ptr<const domain::AggregateRecord>& record) {
  if (context_ == nullptr) return start_;
  const std::string& name = record->declaration.name;
  auto found = codes_.find(name);
  if (found != codes_.end() && found->second->record().code_digest != record->code_digest) {
    Drop(name);
    found = codes_.end();
  }
  if (found == codes_.end()) {
    NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<AggregateCode> code,
                           AggregateCode::Load(*context_, record, options_.call));
    found = codes_.emplace(name, std::move(code)).first;
  }
  return found->second.get();
}

void CommandWorker::DropIfBroken(AggregateCode* code) {
  if (code != nullptr && code->broken()) Drop(std::string(code->record().declaration.name));
}

void CommandWorker::Drop(const std::string& aggregate) {
  const auto found = codes_.find(aggregate);
  if (found == codes_.end()) return;
  for (const auto& [stream, live] : live_) {
    if (live->code == found->second.get()) live->Forget();
  }
  for (const auto& fold : folds_) {
    if (fold->own.code == found->second.get()) fold->own.Forget();
  }
  codes_.erase(found);
}

}  // namespace nexus::command
