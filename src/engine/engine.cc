#include "engine/engine.h"

#include <array>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "engine/access_check.h"
#include "engine/appending.h"
#include "engine/draft_check.h"
#include "engine/draft_facts.h"
#include "engine/frame_intake.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {
namespace {

constexpr size_t kWarningsMax = 100;  // AppendResponse

size_t BytesOf(const Commit& commit) {
  size_t bytes = 0;
  for (const CommitEvent& entry : commit.events) bytes += entry.event.data.size();
  return bytes;
}

}  // namespace

std::array<identity::Cost, 4> Engine::CostsOf(const Appending& call) {
  uint64_t events = 0;
  for (const StreamDraft& stream : call.draft.streams) events += stream.events.size();
  using identity::LimitKind;
  // A single append is charged as a request where its call is opened.
  return {{{LimitKind::kRequests, call.order == nullptr ? 0u : 1u},
           {LimitKind::kEvents, events},
           {LimitKind::kBytes, call.bytes},
           {LimitKind::kStreams, call.draft.streams.size()}}};
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(EngineParts parts, EngineOptions options) {
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const CompiledSchema> any_json,
                         parts.validator.Compile("true"));
  return std::unique_ptr<Engine>(new Engine(parts, options, std::move(any_json)));
}

Engine::Engine(EngineParts parts, EngineOptions options,
               std::shared_ptr<const CompiledSchema> any_json)
    : parts_(parts),
      options_(options),
      evolution_(
          {parts.schemas.catalog(), parts.schemas.languages(), parts.upcaster, parts.metrics}),
      admission_(parts.schemas, std::move(any_json), parts.policy, parts.clock, options.admission),
      gate_(options.gate),
      older_(parts.filtered),
      conditions_(parts.reader, older_, parts.recent),
      questions_({parts.policy, parts.schemas, parts.clock, parts.ids, parts.metrics, parts.logger,
                  admission_, parts.limiter, parts.ledger}),
      metrics_(std::make_unique<Metrics>(parts.metrics)) {}

Engine::~Engine() = default;

void Engine::Append(CommitDraft draft, Caller caller, Done<CommitReceipt> done) {
  Append(std::move(draft), std::move(caller), nullptr, std::move(done));
}

void Engine::Append(CommitDraft draft, Caller caller, std::shared_ptr<AppendOrder> order,
                    Done<CommitReceipt> done) {
  auto call = std::make_shared<Appending>();
  call->bytes = BytesOf(draft);
  call->draft = std::move(draft);
  call->of_command = call->draft.of_command;
  call->caller = std::move(caller);
  call->order = std::move(order);
  if (call->order) call->ticket = call->order->Take();
  call->done = std::move(done);
  call->begun = parts_.clock.Monotonic();
  if (absl::Status limited = Charge(call->caller, CostsOf(*call)); !limited.ok()) {
    Refuse(call, std::move(limited));
    return;
  }
  AdmissionGate::Entry entry = gate_.Enter({.bytes = call->bytes,
                                            .client = absl::HashOf(call->caller.account()),
                                            .now = call->begun,
                                            .deadline = call->caller.deadline});
  if (entry.decision != AdmissionGate::Decision::kIn) {
    metrics_->TurnedAway(entry.decision);
    Refuse(call, AdmissionGate::Refusal(entry));
    return;
  }
  call->place = std::move(entry.place);
  if (const absl::Duration pause = PauseOf(*call); pause > absl::ZeroDuration()) {
    Hold(call, pause);
    return;
  }
  if (!OnWorker(call->bytes, [this, call] { CheckAndDecide(call); })) Refuse(call, WorkersFull());
}

bool Engine::DropIfLate(const std::shared_ptr<Appending>& call, absl::Duration now) {
  if (now <= call->caller.deadline) return false;
  metrics_->late.Add(1);
  Refuse(call, DroppedLate());
  return true;
}

bool Engine::OnWorker(size_t bytes, absl::AnyInvocable<void()> task) {
  if (bytes > options_.inline_bytes_max) return parts_.workers.TrySubmit(std::move(task));
  task();
  return true;
}

void Engine::CheckAndDecide(const std::shared_ptr<Appending>& call) {
  // A large one has waited for a worker.
  if (call->bytes > options_.inline_bytes_max && DropIfLate(call, parts_.clock.Monotonic())) return;
  call->may_be_known = BringsIds(call->draft);
  absl::StatusOr<Commit> commit =
      CheckDraft(std::move(call->draft), call->caller, options_.limits, parts_.ids);
  if (!commit.ok()) {
    Refuse(call, commit.status());
    return;
  }
  // Not even an answer that was given before is for one who may not append there.
  if (absl::Status access =
          call->of_command ? absl::OkStatus() : CheckCommitAccess(*commit, call->caller);
      !access.ok()) {
    Refuse(call, Deny(call->caller, *commit, std::move(access)));
    return;
  }
  call->events = commit->events.size();
  call->bytes = BytesOf(*commit);
  if (absl::Status framed = TakeFrames(parts_.schemas.catalog(), *commit); !framed.ok()) {
    RefuseIfNew(call, *std::move(commit), std::move(framed));
    return;
  }
  if (absl::Status reach = CheckReach(*commit, Head()); !reach.ok()) {
    RefuseIfNew(call, *std::move(commit), std::move(reach));
    return;
  }
  admission_.Decide(*std::move(commit), call->caller, Admission::KeepInput::kNo,
                    [this, call](Commit decided, absl::StatusOr<Verdict> verdict) {
                      Decided(call, std::move(decided), std::move(verdict));
                    });
}

void Engine::Decided(const std::shared_ptr<Appending>& call, Commit commit,
                     absl::StatusOr<Verdict> verdict) {
  call->decided = parts_.clock.Monotonic();
  metrics_->decide.Observe(absl::ToDoubleSeconds(call->decided - call->begun));
  absl::Status status = verdict.status();
  if (status.ok()) {
    questions_.notices().Tell("append", verdict->policy, call->caller);
    TakeWarnings(*call, *verdict);
    status = verdict->ToStatus();
  }
  // Nobody waits for an answer that was given before either.
  if (DropIfLate(call, call->decided)) return;
  if (!status.ok()) {
    RefuseIfNew(call, std::move(commit), std::move(status));
    return;
  }
  commit.stamp = questions_.Stamp(call->caller, verdict->policy.revision);
  commit.stamp.request_digest = stamp::DigestOfCommit(commit);
  commit.stamp.input_digest = verdict->input_digest;
  commit.stamp.outcomes = OutcomesOf(verdict->policy);
  CheckConditions(call, std::move(commit));
}

void Engine::TakeWarnings(Appending& call, Verdict& verdict) {
  if (verdict.events_warned > 0) {
    metrics_->undeclared_warned.Add(static_cast<double>(verdict.events_warned));
  }
  if (verdict.events_rejected > 0) {
    metrics_->undeclared_rejected.Add(static_cast<double>(verdict.events_rejected));
  }
  for (Violation& warning : verdict.warnings) {
    call.warnings.push_back(
        {std::move(warning.field), std::move(warning.pointer), std::move(warning.message)});
  }
  for (const RuleOutcome& outcome : verdict.policy.outcomes) {
    if (outcome.mode != RuleMode::kWarn || call.warnings.size() >= kWarningsMax) continue;
    call.warnings.push_back({"", "", outcome.message, outcome.rule});
  }
}

void Engine::CheckConditions(const std::shared_ptr<Appending>& call, Commit commit) {
  if (commit.conditions.empty()) {
    ProposeInOrder(call, std::move(commit));
    return;
  }
  if (conditions_.CheckInMemory(commit)) {
    metrics_->checked_in_memory.Add(1);
    ProposeInOrder(call, std::move(commit));
    return;
  }
  metrics_->checked_in_log.Add(1);
  const bool accepted =
      parts_.workers.TrySubmit([this, call, commit = std::move(commit)]() mutable {
        if (DropIfLate(call, parts_.clock.Monotonic())) return;
        if (absl::Status checked = conditions_.Check(commit); !checked.ok()) {
          Refuse(call, std::move(checked));
          return;
        }
        if (DropIfLate(call, parts_.clock.Monotonic())) return;
        ProposeInOrder(call, std::move(commit));
      });
  if (!accepted) Refuse(call, WorkersFull());
}

void Engine::ProposeInOrder(const std::shared_ptr<Appending>& call, Commit commit) {
  if (call->order == nullptr) {
    Propose(call, std::move(commit));
    return;
  }
  // The ticket is used from here on: Answer() must not release it again. Held here, because the
  // answer may come and the pipeline may go before Release() returns.
  const std::shared_ptr<AppendOrder> order = std::exchange(call->order, nullptr);
  order->Release(call->ticket, [this, call, commit = std::move(commit)]() mutable {
    // It may have waited for those before it.
    if (!DropIfLate(call, parts_.clock.Monotonic())) Propose(call, std::move(commit));
  });
}

void Engine::Propose(const std::shared_ptr<Appending>& call, Commit commit) {
  commit.proposed = parts_.clock.Now();
  commit.deadline = call->caller.deadline;
  call->proposed = true;
  parts_.log.Propose(std::move(commit), [this, call](absl::StatusOr<CommitReceipt> receipt) {
    metrics_->commit.Observe(absl::ToDoubleSeconds(parts_.clock.Monotonic() - call->decided));
    Answer(*call, std::move(receipt));
  });
}

// An accepted commit gets its first answer, whatever the rules say today. The log itself knows it
// when it is proposed again; only where the rules refuse it must be looked up here.
void Engine::RefuseIfNew(const std::shared_ptr<Appending>& call, Commit commit, absl::Status why) {
  if (!call->may_be_known) {
    Refuse(call, Deny(call->caller, commit, std::move(why)));
    return;
  }
  const bool accepted = parts_.workers.TrySubmit([this, call, commit = std::move(commit), why] {
    absl::StatusOr<std::optional<CommitReceipt>> known = parts_.log.FindCommit(commit);
    if (!known.ok()) {
      Refuse(call, known.status());
    } else if (known->has_value()) {
      Answer(*call, **std::move(known));
    } else {
      Refuse(call, Deny(call->caller, commit, why));
    }
  });
  if (!accepted) Refuse(call, WorkersFull());
}

void Engine::Refuse(const std::shared_ptr<Appending>& call, absl::Status why) {
  Answer(*call, std::move(why));
}

void Engine::Answer(Appending& call, absl::StatusOr<CommitReceipt> receipt) {
  // A refused commit gives its place in the pipeline free without waiting for those before it.
  if (call.order != nullptr) {
    const std::shared_ptr<AppendOrder> order = std::exchange(call.order, nullptr);
    order->Release(call.ticket, [] {});
  }
  if (!receipt.ok()) {
    metrics_->Result(ReasonName(ReasonOf(receipt.status()))).Add(1);
    RecordRefusal(call.caller, receipt.status());
  } else if (receipt->repeated) {
    metrics_->repeated.Add(1);
  } else {
    metrics_->ok.Add(1);
    metrics_->events.Add(static_cast<double>(call.events));
    metrics_->bytes.Add(static_cast<double>(call.bytes));
  }
  if (receipt.ok()) receipt->warnings = std::move(call.warnings);
  call.place.Leave(parts_.clock.Monotonic(), call.proposed);
  call.place = AdmissionGate::Place();
  call.done(std::move(receipt));
}

void Engine::Check(CommitDraft draft, Caller caller, Done<Verdict> done) {
  absl::StatusOr<Commit> commit = CheckDraft(std::move(draft), caller, options_.limits, parts_.ids);
  absl::Status fault = commit.status();
  if (fault.ok()) fault = CheckCommitAccess(*commit, caller);
  if (fault.ok()) fault = TakeFrames(parts_.schemas.catalog(), *commit);
  if (Refused(std::move(fault), done)) return;
  admission_.Decide(*std::move(commit), caller, Admission::KeepInput::kYes,
                    [done = std::move(done)](Commit, absl::StatusOr<Verdict> verdict) mutable {
                      done(std::move(verdict));
                    });
}

absl::Status Engine::Charge(const Caller& caller, absl::Span<const identity::Cost> costs) {
  if (parts_.limiter == nullptr) return absl::OkStatus();
  return parts_.limiter->Take({caller.account(), caller.principal.roles}, costs);
}

}  // namespace nexus::engine
