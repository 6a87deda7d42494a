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
};

struct CommandRunnerOptions {
  size_t threads = 1;
  CommandWorkerOptions worker;
};

class CommandRunner {
 public:
  CommandRunner(const CommandRunnerParts& parts, const CommandRunnerOptions& options);
  ~CommandRunner();

  // Decides the command and stores what follows. `done` runs once, on any thread, and must not
  // block. Errors: CommandService.Execute.
  void Execute(CommandDraft draft, engine::Caller caller, CommandDone done);

  void Stop();

 private:
  absl::StatusOr<CommandCallPtr> Intake(CommandDraft draft, engine::Caller caller) const;
  absl::Status CheckData(const CommandDraft& draft) const;
  absl::Status FindStream(CommandCall& call) const;
  void Admit(CommandCallPtr call);

  const CommandRunnerParts parts_;
  const CommandMetrics metrics_;
  const domain::UpcastMetrics upcast_metrics_;
  std::vector<std::unique_ptr<CommandWorker>> workers_;
};

}  // namespace nexus::command
