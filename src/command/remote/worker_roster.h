#pragma once

// Which workers are connected, and which of them gets the next task.
//
// Not thread-safe: of whoever owns it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "command/remote/worker_port.h"

namespace nexus::command {

// Unique while the server runs; 0 is nobody.
using WorkerId = uint64_t;

struct WorkerProfile {
  std::string name;       // for people
  std::string principal;  // who has vouched for it
  std::vector<std::string> aggregates = {};
  size_t tasks_max = 1;
};

struct ConnectedWorker {
  WorkerId id = 0;
  std::string session;  // begins the ids of its tasks
  WorkerProfile profile;
  std::shared_ptr<WorkerPort> port;  // shared with the connection, which may end first
  absl::Duration seen = {};          // when it last said something

  // Ids of tasks that it has not answered: those that are waited for, and those that are not any
  // more.
  absl::flat_hash_set<std::string> out = {};
  absl::flat_hash_set<std::string> lost = {};
  uint64_t last_task = 0;
  absl::flat_hash_set<std::string> sending = {};  // of both: not all of their events have left
  bool draining = false;                          // gets no new tasks
  bool suspect = false;                           // was late, and has answered nothing since
  uint64_t picked = 0;                            // which pick was the last one that met it

  bool Decides(absl::string_view aggregate) const;
  bool HasRoom() const;
};

class WorkerRoster {
 public:
  // Tasks on their way out to one worker: pages that wait in memory. More have to wait for room.
  static constexpr size_t kSendingMax = 32;

  ConnectedWorker& Add(WorkerProfile profile, std::string session, std::shared_ptr<WorkerPort> port,
                       absl::Duration now);
  // Null: it has gone.
  ConnectedWorker* Find(WorkerId id);
  void Remove(WorkerId id) { workers_.erase(id); }

  // Who gets a task of `aggregate`, none of `avoid`: `preferred` if it has room, else the least
  // busy one. Whoever is suspect only if nobody else has room. Null: nobody has.
  ConnectedWorker* Pick(absl::string_view aggregate, WorkerId preferred,
                        absl::Span<const WorkerId> avoid);
  // Whether one that decides it is connected, and none of `avoid`: with room, or with some to come.
  // Who was late with all that it can take is as good as gone.
  bool Knows(absl::string_view aggregate, absl::Span<const WorkerId> avoid) const;

  std::map<WorkerId, ConnectedWorker>& workers() { return workers_; }
  size_t size() const { return workers_.size(); }

 private:
  std::map<WorkerId, ConnectedWorker> workers_;
  WorkerId last_id_ = 0;
  uint64_t picks_ = 0;
};

}  // namespace nexus::command
