#include "command/remote_decider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "command/command_outcome.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

absl::Status Draining() { return MakeError(ErrorReason::kDraining, "the server shuts down"); }

bool IsZero(size_t* count) { return *count == 0; }

}  // namespace

RemoteDecider::RemoteDecider(const RemoteParts& parts, const RemoteOptions& options)
    : parts_(parts),
      options_(options),
      metrics_(parts.engine.metrics()),
      placements_(options.streams_max) {}

absl::Status RemoteDecider::Submit(CommandCallPtr call) {
  absl::Status accepted;
  Step([&](Later& later)
           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { accepted = Enter(std::move(call), later); });
  return accepted;
}

absl::Status RemoteDecider::Enter(CommandCallPtr call, Later& later) {
  if (draining_) return Draining();
  if (open_ >= options_.commands_max) {
    return MakeError(ErrorReason::kOverloaded, "too many commands are waiting",
                     absl::Milliseconds(100));
  }
  const absl::Duration now = Now();
  const auto [entry, is_free] = lanes_.try_emplace(call->stream.str());
  Lane& lane = entry->second;
  if (!is_free) {
    NEXUS_RETURN_IF_ERROR(
        CheckWait(call->stream.str(),
                  {lane.waiting.size(), now - call->begun, now - lane.turn_since, lane.pace},
                  options_.wait_max));
    ++open_;
    lane.waiting.push_back(std::move(call));
    return absl::OkStatus();
  }
  ++open_;
  KeepSweeping();
  lane.turn_since = now;
  lane.pace = paces_[call->record->declaration.name].At(now);
  auto job = std::make_shared<RemoteJob>();
  job->call = std::move(call);
  Begin(job, later);
  return absl::OkStatus();
}

void RemoteDecider::Begin(const RemoteJobPtr& job, Later& later) {
  ++job->call->attempts;
  job->tries = 0;
  Seek(job, later);
}

void RemoteDecider::Seek(const RemoteJobPtr& job, Later& later) {
  const CommandCall& call = *job->call;
  const absl::Duration now = Now();
  if (now > call.caller.deadline) return Fail(job, engine::DroppedLate(), later);
  const std::string& aggregate = call.record->declaration.name;
  const bool known = roster_.Knows(aggregate, job->avoid);
  if (stopped_ || (draining_ && !known)) return Fail(job, Draining(), later);
  const WorkerId before = placements_.Find(call.stream.str()).worker;
  if (ConnectedWorker* worker = roster_.Pick(aggregate, before, job->avoid)) {
    return Assign(job, *worker, later);
  }
  job->phase = Phase::kSeeking;
  job->place = ++last_place_;
  job->absent_until = known ? absl::InfiniteDuration() : now + options_.absence_max;
  seeking_[aggregate].push_back(job);
  metrics_.seeking.Set(static_cast<double>(++seekers_));
}

// Of an attempt that one worker did not answer.
void RemoteDecider::SeekAgain(const RemoteJobPtr& job, Later& later) {
  if (job->tries < options_.tries_max) return Seek(job, later);
  Fail(job,
       MakeError(ErrorReason::kHandlerUnavailable,
                 absl::StrCat("the command was given to ", job->tries,
                              " workers, and none of them answered")),
       later);
}

void RemoteDecider::Assign(const RemoteJobPtr& job, ConnectedWorker& worker, Later& later) {
  CommandCall& call = *job->call;
  const std::string& stream = call.stream.str();
  if (call.attempts == 1 && job->turn == 0) call.timings.waiting = Now() - call.begun;
  call.timings.loading = absl::ZeroDuration();
  ++job->tries;
  ++job->turn;
  job->phase = Phase::kSending;
  job->worker = worker.id;
  job->task_id = absl::StrCat(worker.session, ".", ++worker.last_task);
  worker.out.insert(job->task_id);
  worker.sending.insert(job->task_id);
  tasks_[job->task_id] = job;
  metrics_.out.Set(static_cast<double>(tasks_.size()));
  Placement placement = placements_.Find(stream);
  if (placement.worker != 0 && placement.worker != worker.id) metrics_.moves.Add(1);
  if (placement.worker != worker.id || placement.domain_version != call.record->domain_version) {
    placement = {worker.id, std::nullopt, call.record->domain_version};
  }
  placements_.Put(stream, placement);
  job->state = job->revision = placement.state;
  job->expires = Now() + options_.task_timeout;
  auto step = std::make_shared<PageStep>();
  step->job = job;
  step->turn = job->turn;
  step->worker = worker.id;
  step->port = worker.port;
  step->after = job->state;
  step->task_id = step->page.task_id = job->task_id;
  step->page.attempt = job->tries;
  later.Add([this, step](Later& more) { ReadLater(step, more); });
}

void RemoteDecider::GiveTasks(ConnectedWorker& worker, Later& later) {
  while (worker.HasRoom()) {
    const RemoteJobPtr job = TakeSeeker(worker);
    if (job == nullptr) return;
    if (Now() > job->call->caller.deadline) {
      Fail(job, engine::DroppedLate(), later);
    } else {
      Assign(job, worker, later);
    }
  }
}

// The one that has sought for longest, of all aggregates that the worker decides.
RemoteJobPtr RemoteDecider::TakeSeeker(const ConnectedWorker& worker) {
  std::list<RemoteJobPtr>* from = nullptr;
  std::list<RemoteJobPtr>::iterator first;
  for (const std::string& aggregate : worker.profile.aggregates) {
    const auto found = seeking_.find(aggregate);
    if (found == seeking_.end()) continue;
    const auto candidate =
        std::find_if(found->second.begin(), found->second.end(), [&](const RemoteJobPtr& job) {
          return std::find(job->avoid.begin(), job->avoid.end(), worker.id) == job->avoid.end();
        });
    if (candidate == found->second.end()) continue;
    if (from != nullptr && (*first)->place < (*candidate)->place) continue;
    from = &found->second;
    first = candidate;
  }
  if (from == nullptr) return nullptr;
  RemoteJobPtr job = std::move(*first);
  from->erase(first);
  metrics_.seeking.Set(static_cast<double>(--seekers_));
  return job;
}

void RemoteDecider::Fail(const RemoteJobPtr& job, absl::Status status, Later& later) {
  ++job->turn;
  job->phase = Phase::kConcluding;
  later.Add([this, job, status = std::move(status)](Later& more) { Finish(job, status, more); });
}

void RemoteDecider::Finish(const RemoteJobPtr& job, absl::StatusOr<CommandReceipt> receipt,
                           Later& later) {
  AnswerCall(*job->call, std::move(receipt), parts_.metrics, Now());
  absl::MutexLock lock(&mutex_);
  LeaveLane(*job->call, later);
  --open_;
}

void RemoteDecider::LeaveLane(const CommandCall& call, Later& later) {
  const auto entry = lanes_.find(call.stream.str());
  Lane& lane = entry->second;
  const absl::Duration now = Now();
  lane.pace.Add(now - lane.turn_since);
  paces_[call.record->declaration.name].Add(now - lane.turn_since, now);
  lane.turn_since = now;
  if (lane.waiting.empty()) {
    lanes_.erase(entry);
    return;
  }
  auto next = std::make_shared<RemoteJob>();
  next->call = std::move(lane.waiting.front());
  lane.waiting.pop_front();
  Begin(next, later);
}

void RemoteDecider::FailAll(Later& later) {
  for (auto& [aggregate, jobs] : seeking_) {
    for (const RemoteJobPtr& job : jobs) Fail(job, Draining(), later);
    jobs.clear();
  }
  metrics_.seeking.Set(static_cast<double>(seekers_ = 0));
  for (const auto& [id, job] : tasks_) Fail(job, Draining(), later);
  tasks_.clear();
  metrics_.out.Set(0);
}

void RemoteDecider::Stop() {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    draining_ = true;
    // Nobody comes any more who could decide these.
    for (auto& [aggregate, jobs] : seeking_) {
      for (auto at = jobs.begin(); at != jobs.end();) {
        const RemoteJobPtr job = *at;
        if (roster_.Knows(aggregate, job->avoid)) {
          ++at;
          continue;
        }
        at = jobs.erase(at);
        metrics_.seeking.Set(static_cast<double>(--seekers_));
        Fail(job, Draining(), later);
      }
    }
  });
  {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&IsZero, &open_), options_.stop_patience);
  }
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    stopped_ = true;
    FailAll(later);
  });
  {
    // What is being stored is waited for.
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&IsZero, &open_));
  }
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<WorkerId> ids;
    for (const auto& [id, worker] : roster_.workers()) ids.push_back(id);
    for (const WorkerId id : ids) Part(id, Draining(), later);
  });
}

}  // namespace nexus::command
