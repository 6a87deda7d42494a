#pragma once

// A command on its way to a worker elsewhere and back, and what the worker answered.
//
// Jobs belong to the decider (remote_decider.h) and its lock.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "command/command_call.h"
#include "command/decision.h"
#include "command/remote/worker_roster.h"
#include "nexus/core/position.h"

namespace nexus::command {

struct RemoteJob {
  enum class Phase {
    kSeeking,     // waits for a worker with room
    kSending,     // its events are read and sent
    kDeciding,    // the worker has all of it
    kConcluding,  // answered: checked, stored, or about to be decided again
  };

  CommandCallPtr call;
  Phase phase = Phase::kConcluding;
  // Changes when it is given to another, or taken away: what belongs to an earlier turn is dropped.
  uint64_t turn = 0;
  uint64_t place = 0;                // among those who seek
  uint32_t tries = 0;                // workers that were given this attempt
  std::vector<WorkerId> avoid = {};  // they may be at it still
  absl::Duration absent_until = {};  // of kSeeking: how long there may be no worker at all

  // Of the last worker that it was given to.
  WorkerId worker = 0;
  std::string task_id = {};
  std::optional<Revision> state = {};     // that the worker begins with
  std::optional<Revision> revision = {};  // of the last event that it has
  absl::Duration since = {};              // when it had all of them
  absl::Duration expires = {};
};

using RemoteJobPtr = std::shared_ptr<RemoteJob>;

struct WorkerAnswer {
  enum class Kind { kEvents, kRejection, kFailure, kNeedsEvents };

  std::string task_id;
  Kind kind = Kind::kEvents;
  Decision decision = {};
  std::string failure = {};
  bool keeps_state = false;
  std::string traceparent = {};
  std::string tracestate = {};
};

// What is done once the lock is free: it may call others, and lead to more of the same.
struct RemoteLater {
  std::deque<absl::AnyInvocable<void(RemoteLater&)>> steps;

  template <typename Step>
  void Add(Step step) {
    steps.emplace_back(std::move(step));
  }
  void Run() {
    for (; !steps.empty(); steps.pop_front()) steps.front()(*this);
  }
};

}  // namespace nexus::command
