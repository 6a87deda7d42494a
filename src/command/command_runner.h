#pragma once

// Takes commands: finds the aggregate that decides them, checks them, and hands them to the worker
// of their aggregate. docs/reference/commands.md.
//
// Thread-safe. The parts must outlive it; Stop() before they end.

#include <functional>
#include <memory>
#include <vector>

#include "command/command.h"
#include "command/command_call.h"
#include "command/command_metrics.h"
#include "command/command_worker.h"
#include "command/remote_decider.h"
#include "domain/domain_state.h"
#include "engine/engine.h"
#include "nexus/core/limits.h"
#include "nexus/port/audit_ledger.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "script/script_engine.h"

namespace nexus::command {

struct CommandRunnerParts {
  engine::Engine& engine;
  EventReader& reader;
  CommitLocator& locator;
  script::ScriptEngine& scripts;
  JsonReader& json;
  IdSource& ids;
  // What is declared now; cheap.
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  SnapshotParts* snapshots = nullptr;  // none are made and used
};

struct CommandRunnerOptions {
  size_t threads = 1;
  CommandWorkerOptions worker;
  RemoteOptions remote = {};
};

class CommandRunner {
 public:
  CommandRunner(const CommandRunnerParts& parts, const CommandRunnerOptions& options);
  ~CommandRunner();

  // Decides the command and stores what follows. `done` runs once, on any thread, and must not
  // block. Errors: CommandService.Execute.
  void Execute(CommandDraft draft, engine::Caller caller, CommandDone done);

  // A worker that decides commands elsewhere (CommandService.Handle), if all its aggregates are
  // declared without a script and `caller` may handle them. NOT_FOUND, MALFORMED_REQUEST,
  // ACCESS_DENIED, and what RemoteDecider::Join() says. What follows is between it and remote().
  absl::StatusOr<WorkerWelcome> Join(WorkerProfile profile, const engine::Caller& caller,
                                     std::shared_ptr<WorkerPort> port);
  RemoteDecider& remote() { return *remote_; }
  // For those who may outlive this.
  std::weak_ptr<RemoteDecider> weak_remote() { return remote_; }

  // Makes a snapshot of the aggregate of `stream` as it is now. `done` runs once, on any thread,
  // and must not block. NOT_FOUND (no aggregate has such streams), UNIMPLEMENTED (a worker decides
  // it, or no snapshots are made here), and CommandWorker::MakeSnapshot. `deadline`: of
  // Clock::Monotonic().
  void MakeSnapshot(const StreamName& stream, snapshot::SnapshotReason reason,
                    absl::Duration deadline, SnapshotDesk::Done done);

  // Has snapshots made of aggregates in memory that have none and events older than `max_age`.
  void MakeSnapshotsOfAged(absl::Duration max_age);

  void Stop();

 private:
  absl::StatusOr<CommandCallPtr> Intake(CommandDraft draft, engine::Caller caller) const;
  absl::Status CheckData(const CommandDraft& draft) const;
  absl::Status FindStream(CommandCall& call) const;
  void Admit(CommandCallPtr call);

  const CommandRunnerParts parts_;
  const CommandMetrics metrics_;
  const domain::UpcastMetrics upcast_metrics_;
  const std::shared_ptr<RemoteDecider> remote_;
  std::vector<std::unique_ptr<CommandWorker>> workers_;
};

}  // namespace nexus::command
