// From the log to the worker: a task with its events, page by page.

#include <utility>

#include "absl/strings/str_cat.h"
#include "command/command_outcome.h"
#include "command/command_view.h"
#include "command/event_view.h"
#include "command/remote_decider.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

// Of one message. What waits for a worker is bounded by it and by WorkerRoster::kSendingMax.
constexpr PageLimits kTaskPage{.events_max = 1'024, .bytes_max = 256 << 10};

}  // namespace

void RemoteDecider::ReadLater(PageStepPtr step, Later& later) {
  const std::weak_ptr<RemoteDecider> weak = weak_from_this();
  const bool accepted = parts_.engine.workers().TrySubmit([weak, step] {
    if (const auto self = weak.lock()) self->ReadAndSend(step);
  });
  if (accepted) return;
  absl::MutexLock lock(&mutex_);
  TakePage(*step, engine::WorkersFull(), later);
}

absl::StatusOr<RemoteDecider::PageEvents> RemoteDecider::ReadPage(const PageStep& step) const {
  static const schema::SchemaView kLatest{.latest = true};
  PageEvents out;
  out.last = step.after;
  const Revision next(step.after.has_value() ? step.after->value + 1 : 0);
  absl::StatusOr<EventBatch> page =
      parts_.reader.ReadStream(step.job->call->stream, next, Direction::kForward, kTaskPage);
  if (!page.ok() && ReasonOf(page.status()) != ErrorReason::kStreamNotFound) return page.status();
  out.end = !page.ok() || page->end || page->events.empty();
  if (!page.ok()) return out;
  // As for code of our own: an old event that its upcaster cannot take is no ground to decide on.
  NEXUS_RETURN_IF_ERROR(parts_.engine.evolution().Apply(kLatest, *page));
  for (const RecordedEvent& event : page->events) {
    if (!AppendEventView(out.views.emplace_back(), event)) {
      return MakeError(ErrorReason::kDomainCodeFailed,
                       absl::StrCat("revision ", event.revision.value, " of ", event.stream,
                                    " is of the content type ", event.content_type,
                                    "; an aggregate folds JSON"));
    }
    out.last = event.revision;
  }
  return out;
}

void RemoteDecider::FillFirst(const RemoteJob& job, TaskPage& page) const {
  const CommandCall& call = *job.call;
  DecideContext about;
  about.now = parts_.engine.clock().Now();
  about.aggregate_id = call.aggregate_id();
  about.correlation_id = call.correlation_id;
  about.causation_id = call.draft.causation_id;
  about.principal = &call.caller.principal;
  page.aggregate = call.record->declaration.name;
  page.stream = call.stream.str();
  page.command = call.view;
  page.context = ContextView(about, call.id);
  page.time_left = call.caller.deadline - Now();
  page.traceparent = call.caller.traceparent;
  page.tracestate = call.caller.tracestate;
}

void RemoteDecider::ReadAndSend(const PageStepPtr& step) {
  const absl::Duration begun = Now();
  absl::StatusOr<PageEvents> events = ReadPage(*step);
  if (step->page.first) FillFirst(*step->job, step->page);
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (step->job->turn == step->turn) step->job->call->timings.loading += Now() - begun;
    if (!TakePage(*step, std::move(events), later)) return;
    later.Add([this, step](Later&) {
      const std::weak_ptr<RemoteDecider> weak = weak_from_this();
      step->port->Send(std::move(step->page), [weak, step](bool ok) {
        if (const auto self = weak.lock()) self->PageSent(step, ok);
      });
    });
  });
}

bool RemoteDecider::TakePage(PageStep& step, absl::StatusOr<PageEvents> events, Later& later) {
  const RemoteJobPtr& job = step.job;
  if (job->turn != step.turn) {
    // Given to another meanwhile.
    if (ConnectedWorker* worker = roster_.Find(step.worker)) {
      worker->sending.erase(step.task_id);
      GiveTasks(*worker, later);
    }
    return false;
  }
  TaskPage& page = step.page;
  absl::Status fault = events.status();
  // Once the worker has heard of the task it is asked; then this is looked at with its answer.
  if (fault.ok() && page.first && events->end) fault = CheckExpected(*job->call, events->last);
  if (!fault.ok()) {
    Withdraw(job, std::move(fault), later);
    return false;
  }
  parts_.metrics.loaded_events.Add(static_cast<double>(events->views.size()));
  if (page.first) page.state_revision = job->state;
  page.events = std::move(events->views);
  page.more_events = !events->end;
  job->revision = step.after = events->last;
  job->since = Now();
  job->expires = job->since + options_.task_timeout;
  // The answer may be here before it is told that the page has left.
  if (events->end) job->phase = Phase::kDeciding;
  return true;
}

// The worker has not heard of it, or only of some of its events: it cannot answer.
void RemoteDecider::Withdraw(const RemoteJobPtr& job, absl::Status why, Later& later) {
  metrics_.Tasks(job->call->record->declaration.name, "withdrawn").Add(1);
  tasks_.erase(job->task_id);
  metrics_.out.Set(static_cast<double>(tasks_.size()));
  if (ConnectedWorker* worker = roster_.Find(job->worker)) {
    worker->out.erase(job->task_id);
    worker->sending.erase(job->task_id);
    EndIfDrained(*worker, later);
    GiveTasks(*worker, later);
  }
  Fail(job, std::move(why), later);
}

void RemoteDecider::PageSent(const PageStepPtr& step, bool ok) {
  // Whoever has the connection says that it has ended, too.
  if (!ok) return;
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const RemoteJobPtr& job = step->job;
    const bool current = job->turn == step->turn;
    const bool more = current && job->phase == Phase::kSending;
    if (current) job->expires = Now() + options_.task_timeout;
    if (more) {
      step->page = TaskPage{.task_id = step->task_id, .first = false};
      later.Add([this, step](Later& then) { ReadLater(step, then); });
      return;
    }
    ConnectedWorker* const worker = roster_.Find(step->worker);
    if (worker == nullptr) return;
    worker->sending.erase(step->task_id);
    GiveTasks(*worker, later);
  });
}

}  // namespace nexus::command
