#include "command/remote/worker_roster.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace nexus::command {
namespace {

bool Contains(absl::Span<const WorkerId> ids, WorkerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

double LoadOf(const ConnectedWorker& worker) {
  return static_cast<double>(worker.out.size() + worker.lost.size()) /
         static_cast<double>(worker.profile.tasks_max);
}

}  // namespace

bool ConnectedWorker::Decides(absl::string_view aggregate) const {
  return std::find(profile.aggregates.begin(), profile.aggregates.end(), aggregate) !=
         profile.aggregates.end();
}

bool ConnectedWorker::HasRoom() const {
  return !draining && out.size() + lost.size() < profile.tasks_max &&
         sending.size() < WorkerRoster::kSendingMax;
}

ConnectedWorker& WorkerRoster::Add(WorkerProfile profile, std::string session,
                                   std::shared_ptr<WorkerPort> port, absl::Duration now) {
  ConnectedWorker& worker = workers_[++last_id_];
  worker.id = last_id_;
  worker.session = std::move(session);
  worker.profile = std::move(profile);
  worker.port = std::move(port);
  worker.seen = now;
  return worker;
}

ConnectedWorker* WorkerRoster::Find(WorkerId id) {
  const auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : &found->second;
}

ConnectedWorker* WorkerRoster::Pick(absl::string_view aggregate, WorkerId preferred,
                                    absl::Span<const WorkerId> avoid) {
  ConnectedWorker* best = nullptr;
  const auto rank = [&](const ConnectedWorker& worker) {
    return std::make_tuple(worker.suspect, worker.id != preferred, LoadOf(worker), worker.picked);
  };
  for (auto& [id, worker] : workers_) {
    if (!worker.HasRoom() || !worker.Decides(aggregate) || Contains(avoid, id)) continue;
    if (best == nullptr || rank(worker) < rank(*best)) best = &worker;
  }
  if (best != nullptr) best->picked = ++picks_;
  return best;
}

bool WorkerRoster::Knows(absl::string_view aggregate, absl::Span<const WorkerId> avoid) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
    const ConnectedWorker& worker = entry.second;
    return !worker.draining && worker.lost.size() < worker.profile.tasks_max &&
           worker.Decides(aggregate) && !Contains(avoid, worker.id);
  });
}

}  // namespace nexus::command
