// Workers that come and go, and the time that everybody has.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "command/remote_decider.h"
#include "engine/admission_gate.h"
#include "nexus/core/errors.h"
#include "nexus/core/ids.h"

namespace nexus::command {
namespace {

// How exactly limits of time hold.
constexpr absl::Duration kSweep = absl::Milliseconds(50);
constexpr int kSilentBeats = 3;

}  // namespace

absl::StatusOr<WorkerWelcome> RemoteDecider::Join(WorkerProfile profile,
                                                  std::shared_ptr<WorkerPort> port) {
  absl::MutexLock lock(&mutex_);
  if (draining_) return MakeError(ErrorReason::kDraining, "the server shuts down");
  if (roster_.size() >= options_.workers_max) {
    return MakeError(ErrorReason::kOverloaded,
                     absl::StrCat("at most ", options_.workers_max, " workers can be connected"),
                     absl::Seconds(1));
  }
  profile.tasks_max = std::clamp<size_t>(profile.tasks_max, 1, options_.tasks_max);
  ConnectedWorker& worker =
      roster_.Add(std::move(profile), FormatUuid(parts_.ids.NewUuid()), std::move(port), Now());
  // Until it has been told of its session.
  worker.draining = true;
  metrics_.workers.Set(static_cast<double>(roster_.size()));
  KeepSweeping();
  return WorkerWelcome{worker.id, worker.session, worker.profile.tasks_max};
}

void RemoteDecider::Serve(WorkerId id) {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ConnectedWorker* const worker = roster_.Find(id);
    if (worker == nullptr) return;
    worker->draining = false;
    GiveTasks(*worker, later);
  });
}

void RemoteDecider::Alive(WorkerId id) {
  absl::MutexLock lock(&mutex_);
  if (ConnectedWorker* worker = roster_.Find(id)) worker->seen = Now();
}

void RemoteDecider::Drain(WorkerId id) {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ConnectedWorker* const worker = roster_.Find(id);
    if (worker == nullptr) return;
    worker->draining = true;
    EndIfDrained(*worker, later);
  });
}

void RemoteDecider::Leave(WorkerId id) {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Part(id, absl::CancelledError("the worker has gone"), later);
  });
}

void RemoteDecider::EndIfDrained(const ConnectedWorker& worker, Later& later) {
  if (!worker.draining || !worker.out.empty()) return;
  later.Add([port = worker.port](Later&) { port->End(absl::OkStatus()); });
}

void RemoteDecider::Part(WorkerId id, const absl::Status& why, Later& later) {
  ConnectedWorker* const worker = roster_.Find(id);
  if (worker == nullptr) return;
  std::vector<RemoteJobPtr> jobs;
  for (const std::string& task : worker->out) {
    if (const auto found = tasks_.find(task); found != tasks_.end()) jobs.push_back(found->second);
  }
  later.Add([port = worker->port, why](Later&) { port->End(why); });
  roster_.Remove(id);
  metrics_.workers.Set(static_cast<double>(roster_.size()));
  for (const RemoteJobPtr& job : jobs) GiveUpTask(job, "gone", later);
}

void RemoteDecider::GiveUpTask(const RemoteJobPtr& job, absl::string_view outcome, Later& later) {
  metrics_.Tasks(job->call->record->declaration.name, outcome).Add(1);
  tasks_.erase(job->task_id);
  metrics_.out.Set(static_cast<double>(tasks_.size()));
  ++job->turn;
  job->phase = Phase::kConcluding;
  SeekAgain(job, later);
}

void RemoteDecider::KeepSweeping() {
  if (sweeping_ || stopped_) return;
  sweeping_ = true;
  const std::weak_ptr<RemoteDecider> weak = weak_from_this();
  parts_.engine.workers().RunAfter(kSweep, [weak] {
    if (const auto self = weak.lock()) self->Sweep();
  });
}

void RemoteDecider::Sweep() {
  Step([&](Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    sweeping_ = false;
    if (stopped_) return;
    const absl::Duration now = Now();
    SweepWorkers(now, later);
    SweepTasks(now, later);
    SweepSeekers(now, later);
    if (open_ > 0 || roster_.size() > 0) KeepSweeping();
  });
}

void RemoteDecider::SweepWorkers(absl::Duration now, Later& later) {
  std::vector<WorkerId> silent;
  for (const auto& [id, worker] : roster_.workers()) {
    if (now - worker.seen > options_.heartbeat * kSilentBeats) silent.push_back(id);
  }
  for (const WorkerId id : silent) {
    Part(id,
         MakeError(ErrorReason::kDeadlineExceeded,
                   absl::StrCat("the worker said nothing for ",
                                absl::FormatDuration(options_.heartbeat * kSilentBeats))),
         later);
  }
}

void RemoteDecider::SweepTasks(absl::Duration now, Later& later) {
  std::vector<RemoteJobPtr> expired;
  for (const auto& [id, job] : tasks_) {
    if (now >= job->expires || now > job->call->caller.deadline) expired.push_back(job);
  }
  for (const RemoteJobPtr& job : expired) {
    // It may answer still, and has less room until then.
    if (ConnectedWorker* worker = roster_.Find(job->worker)) {
      worker->out.erase(job->task_id);
      worker->lost.insert(job->task_id);
      worker->suspect = true;
      EndIfDrained(*worker, later);
    }
    job->avoid.push_back(job->worker);
    placements_.Put(job->call->stream.str(),
                    {job->worker, std::nullopt, job->call->record->domain_version});
    GiveUpTask(job, "timeout", later);
  }
}

void RemoteDecider::SweepSeekers(absl::Duration now, Later& later) {
  for (auto& [aggregate, jobs] : seeking_) {
    for (auto at = jobs.begin(); at != jobs.end();) {
      const RemoteJobPtr job = *at;
      const bool known = roster_.Knows(aggregate, job->avoid);
      if (known) job->absent_until = absl::InfiniteDuration();
      if (!known && job->absent_until == absl::InfiniteDuration()) {
        job->absent_until = now + options_.absence_max;
      }
      const bool late = now > job->call->caller.deadline;
      if (!late && now < job->absent_until) {
        ++at;
        continue;
      }
      at = jobs.erase(at);
      metrics_.seeking.Set(static_cast<double>(--seekers_));
      Fail(job,
           late ? engine::DroppedLate()
                : MakeError(ErrorReason::kHandlerUnavailable,
                            absl::StrCat("no worker decides the aggregate ", aggregate, " now")),
           later);
    }
  }
}

}  // namespace nexus::command
