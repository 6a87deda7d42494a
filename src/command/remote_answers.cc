// From the worker to the log: what it answered, checked and stored.

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "command/command_outcome.h"
#include "command/remote_decider.h"
#include "command/repeated_command.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/trace_context.h"

namespace nexus::command {
namespace {

constexpr size_t kTextBytesMax = 2'000;  // of what goes into the status of a call
// The key of the metadata that says who decided: "PRINCIPAL NAME".
constexpr char kHandlerKey[] = "$handler";

absl::Status Breach(absl::string_view message) {
  return MakeError(ErrorReason::kMalformedRequest, message);
}

absl::Status HandlerFailed(const CommandCall& call, absl::string_view why) {
  ErrorDetails details;
  details.reason = ErrorReason::kDomainCodeFailed;
  details.metadata.emplace_back("aggregate", call.record->declaration.name);
  details.metadata.emplace_back("domain", call.record->domain);
  return MakeError(absl::StrCat("the worker for the aggregate ", call.record->declaration.name,
                                " failed: ", why),
                   details);
}

// What a script's prelude would not let through. Types and data are for the log's own checks.
absl::Status CheckAnswer(const CommandCall& call, WorkerAnswer& answer, JsonReader& json) {
  if (answer.kind == WorkerAnswer::Kind::kFailure) {
    const bool fits = answer.failure.size() <= kTextBytesMax;
    return HandlerFailed(call, fits ? answer.failure : "its message is too long");
  }
  if (answer.decision.rejection.has_value()) {
    Rejection& rejection = *answer.decision.rejection;
    if (rejection.reason.empty() || rejection.reason.size() > kTextBytesMax) {
      return HandlerFailed(call, "the reason of its rejection is empty, or too long");
    }
    if (rejection.details.empty()) rejection.details = "null";
    const auto items = json.ReadArray(absl::StrCat("[", rejection.details, "]"));
    if (!items.ok() || items->size() != 1) {
      return HandlerFailed(call, "the details of its rejection are not JSON");
    }
  }
  const std::vector<std::string>& declared = call.record->declaration.events;
  for (size_t i = 0; i < answer.decision.events.size(); ++i) {
    const std::string& type = answer.decision.events[i].type;
    if (std::find(declared.begin(), declared.end(), type) != declared.end()) continue;
    return HandlerFailed(call, absl::StrCat("event ", i, " of its decision is of the type ", type,
                                            ", which is not declared; declared are ",
                                            absl::StrJoin(declared, ", ")));
  }
  if (!answer.traceparent.empty()) {
    absl::Status trace = CheckTraceparent(answer.traceparent);
    if (trace.ok()) trace = CheckTracestate(answer.tracestate);
    if (!trace.ok()) return HandlerFailed(call, trace.message());
  }
  return absl::OkStatus();
}

const char* OutcomeOf(WorkerAnswer::Kind kind) {
  switch (kind) {
    case WorkerAnswer::Kind::kEvents:
      return "events";
    case WorkerAnswer::Kind::kRejection:
      return "rejection";
    case WorkerAnswer::Kind::kFailure:
      return "failure";
    case WorkerAnswer::Kind::kNeedsEvents:
      return "needs_events";
  }
  return "";
}

}  // namespace

void RemoteDecider::Answered(WorkerId id, WorkerAnswer answer) {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ConnectedWorker* const worker = roster_.Find(id);
    if (worker == nullptr) return;
    worker->seen = Now();
    TakeAnswer(*worker, std::move(answer), later);
  });
}

void RemoteDecider::TakeAnswer(ConnectedWorker& worker, WorkerAnswer answer, Later& later) {
  const auto found = tasks_.find(answer.task_id);
  if (found == tasks_.end() || found->second->worker != worker.id) {
    return IgnoreAnswer(worker, answer, later);
  }
  const RemoteJobPtr job = found->second;
  CommandCall& call = *job->call;
  const bool needs_events = answer.kind == WorkerAnswer::Kind::kNeedsEvents;
  if (job->phase != Phase::kDeciding && !(needs_events && job->state.has_value())) {
    return Part(worker.id, Breach("a task was answered before all of its events were sent"), later);
  }
  if (needs_events && !job->state.has_value()) {
    return Part(worker.id, Breach("a task that has all events of its stream needs no others"),
                later);
  }
  tasks_.erase(found);
  metrics_.out.Set(static_cast<double>(tasks_.size()));
  worker.out.erase(answer.task_id);
  worker.suspect = false;
  metrics_.Tasks(call.record->declaration.name, OutcomeOf(answer.kind)).Add(1);
  if (needs_events) return NeedsEvents(job, worker, later);
  ++job->turn;
  job->phase = Phase::kConcluding;
  placements_.Put(call.stream.str(), {worker.id, answer.keeps_state ? job->revision : std::nullopt,
                                      call.record->domain_version});
  call.timings.deciding = Now() - job->since;
  parts_.metrics.deciding.Observe(absl::ToDoubleSeconds(call.timings.deciding));
  const WorkerProfile& profile = worker.profile;
  later.Add([this, job, answer = std::move(answer),
             handler = absl::StrCat(profile.principal, " ", profile.name)](Later& more) mutable {
    Conclude(job, std::move(answer), handler, more);
  });
  EndIfDrained(worker, later);
  GiveTasks(worker, later);
}

void RemoteDecider::NeedsEvents(const RemoteJobPtr& job, ConnectedWorker& worker, Later& later) {
  placements_.Put(job->call->stream.str(),
                  {worker.id, std::nullopt, job->call->record->domain_version});
  // Not a try that went wrong: whoever keeps states may lose them.
  --job->tries;
  // To the same worker even if it drains: it has begun with it.
  Assign(job, worker, later);
}

void RemoteDecider::IgnoreAnswer(ConnectedWorker& worker, const WorkerAnswer& answer,
                                 Later& later) {
  const char* why = "unknown";
  uint64_t number = 0;
  absl::string_view rest = answer.task_id;
  if (worker.lost.erase(answer.task_id) > 0) {
    why = "late";
    worker.suspect = false;
  } else if (absl::ConsumePrefix(&rest, worker.session) && absl::ConsumePrefix(&rest, ".") &&
             absl::SimpleAtoi(rest, &number) && number <= worker.last_task) {
    why = "repeated";
  }
  metrics_.Ignored(why).Add(1);
  GiveTasks(worker, later);
}

void RemoteDecider::Conclude(const RemoteJobPtr& job, WorkerAnswer answer,
                             const std::string& handler, Later& later) {
  CommandCall& call = *job->call;
  absl::Status fault = CheckExpected(call, job->revision);
  if (fault.ok()) fault = CheckAnswer(call, answer, parts_.json);
  if (!fault.ok()) return Finish(job, std::move(fault), later);
  if (!answer.decision.events.empty()) return Store(job, std::move(answer), handler);
  // Once it was stored the same command may well be refused; its answer stays the first one.
  if (answer.decision.rejection.has_value()) {
    return FinishUnlessRepeated(job, RejectionStatus(*answer.decision.rejection), later);
  }
  FinishUnlessRepeated(job, ReceiptWithoutEvents(call, job->revision), later);
}

void RemoteDecider::Store(const RemoteJobPtr& job, WorkerAnswer answer,
                          const std::string& handler) {
  CommandCall& call = *job->call;
  CommitParts commit = CommitOf(call, job->revision, std::move(answer.decision));
  for (engine::EventDraft& event : commit.draft.streams.front().events) {
    event.server_metadata.emplace_back(kHandlerKey, handler);
    event.traceparent = answer.traceparent;
    event.tracestate = answer.tracestate;
  }
  call.storing_since = Now();
  parts_.engine.Append(
      std::move(commit.draft), call.caller,
      [this, job, types = std::move(commit.types)](absl::StatusOr<CommitReceipt> stored) mutable {
        CommandCall& of = *job->call;
        of.timings.storing = Now() - of.storing_since;
        Later later;
        if (stored.ok()) {
          Finish(job, ReceiptOf(of, *stored, std::move(types)), later);
        } else {
          Refused(job, stored.status(), later);
        }
        later.Run();
      });
}

void RemoteDecider::Refused(const RemoteJobPtr& job, absl::Status why, Later& later) {
  const ErrorReason reason = ReasonOf(why);
  const bool conflict = reason == ErrorReason::kRevisionConflict;
  if (conflict) {
    parts_.metrics.conflicts.Add(1);
    if (job->call->attempts < options_.attempts_max) return DecideAgain(job, later);
  }
  if (conflict || reason == ErrorReason::kIdReused) {
    return FinishUnlessRepeated(job, std::move(why), later);
  }
  Finish(job, std::move(why), later);
}

void RemoteDecider::DecideAgain(const RemoteJobPtr& job, Later& later) {
  const absl::Duration pause = PauseAfterConflict(job->call->attempts, parts_.ids);
  if (pause == absl::ZeroDuration()) {
    absl::MutexLock lock(&mutex_);
    return Begin(job, later);
  }
  parts_.engine.workers().RunAfter(pause, [this, job] {
    Step([&](Later& then) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { Begin(job, then); });
  });
}

void RemoteDecider::FinishUnlessRepeated(const RemoteJobPtr& job,
                                         absl::StatusOr<CommandReceipt> otherwise, Later& later) {
  if (!job->call->may_be_known) return Finish(job, std::move(otherwise), later);
  const bool accepted = parts_.engine.workers().TrySubmit([this, job, otherwise]() mutable {
    absl::StatusOr<std::optional<CommandReceipt>> known =
        FindRepeated(*job->call, parts_.locator, parts_.reader);
    Later then;
    if (known.ok() && known->has_value()) {
      Finish(job, **std::move(known), then);
    } else if (!known.ok() && otherwise.ok()) {
      Finish(job, known.status(), then);
    } else {
      Finish(job, std::move(otherwise), then);
    }
    then.Run();
  });
  if (!accepted) Finish(job, engine::WorkersFull(), later);
}

}  // namespace nexus::command
