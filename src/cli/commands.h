#pragma once

// The commands. Each declares its options on `app` and leaves its action in `chosen` when the
// command line names it.

#include <memory>

#include "CLI/CLI.hpp"
#include "cli/session.h"

namespace nexus::cli {

void AddAppendCommand(CLI::App& app, Chosen& chosen);
void AddReadCommand(CLI::App& app, Chosen& chosen);
void AddTailCommand(CLI::App& app, Chosen& chosen);
void AddStreamCommands(CLI::App& app, Chosen& chosen);
void AddSchemaCommands(CLI::App& app, Chosen& chosen);
// Below `schema`.
void AddCompatibilityCommands(CLI::App& schema, Chosen& chosen);
void AddObserveCommand(CLI::App& schema, Chosen& chosen);
void AddRegistryCommands(CLI::App& schema, Chosen& chosen);
void AddUndeclaredCommands(CLI::App& schema, Chosen& chosen);
void AddValidateCommand(CLI::App& schema, Chosen& chosen);
void AddDiffCommand(CLI::App& schema, Chosen& chosen);
void AddHistoryCommand(CLI::App& schema, Chosen& chosen);
void AddCheckCommand(CLI::App& app, Chosen& chosen);
void AddGraphCommands(CLI::App& app, Chosen& chosen);
void AddCategoryCommands(CLI::App& app, Chosen& chosen);
void AddAuditCommands(CLI::App& app, Chosen& chosen);
void AddPolicyCommands(CLI::App& app, Chosen& chosen);
void AddPolicyHistoryCommand(CLI::App& policy, Chosen& chosen);
// Below `policy`.
void AddPolicyRuleCommands(CLI::App& policy, Chosen& chosen);
void AddIndexCommands(CLI::App& app, Chosen& chosen);
void AddImportCommand(CLI::App& app, Chosen& chosen);
void AddTokenCommands(CLI::App& app, Chosen& chosen);
void AddRoleCommands(CLI::App& app, Chosen& chosen);
void AddExecuteCommand(CLI::App& app, Chosen& chosen);
void AddTraceCommand(CLI::App& app, Chosen& chosen);
void AddStateCommands(CLI::App& app, Chosen& chosen);
void AddApplyCommands(CLI::App& app, Chosen& chosen);
void AddDomainCommands(CLI::App& app, Chosen& chosen);
void AddSnapshotCommands(CLI::App& app, Chosen& chosen);
void AddNewCommands(CLI::App& app, Chosen& chosen);
void AddScriptCommands(CLI::App& app, Chosen& chosen);
// Below `domain`.
void AddDomainSchemaCommand(CLI::App& domain, Chosen& chosen);
void AddRouteCommands(CLI::App& app, Chosen& chosen);
// Below `route`.
void AddRouteTrialCommands(CLI::App& route, Chosen& chosen);
void AddRouteReconcileCommand(CLI::App& route, Chosen& chosen);
void AddRouteTrainCommand(CLI::App& route, Chosen& chosen);
void AddDeadLetterCommands(CLI::App& app, Chosen& chosen);
void AddCostCommands(CLI::App& app, Chosen& chosen);
// Below `cost`.
void AddCostReportCommands(CLI::App& cost, Chosen& chosen);
void AddBindingCommands(CLI::App& app, Chosen& chosen);
void AddAdminCommands(CLI::App& app, Chosen& chosen);
void AddStatusCommand(CLI::App& app, Chosen& chosen);
void AddVerifyCommand(CLI::App& app, Chosen& chosen);
void AddBenchCommands(CLI::App& app, Chosen& chosen);
void AddErrorsCommands(CLI::App& app, Chosen& chosen);
void AddContextCommands(CLI::App& app, Chosen& chosen);
void AddCompletionCommand(CLI::App& app, Chosen& chosen);
void AddVersionCommand(CLI::App& app, Chosen& chosen);

// Every command and every global option: the whole tree.
void AddGlobalOptions(CLI::App& app, GlobalFlags& flags);
void AddAllCommands(CLI::App& app, Chosen& chosen);

// A kLocal command asks no server.
enum class Reach { kServer, kLocal };

// Leaves `run(session, options)` as the action when `command` is named; `options` are what its
// declaration filled in. They decide by `reach_of(options)` whether a server is asked.
template <typename Options, typename Run, typename ReachOf>
void OnChosenReaching(CLI::App* command, Chosen& chosen, std::shared_ptr<Options> options, Run run,
                      ReachOf reach_of) {
  command->callback([&chosen, options, run, reach_of] {
    chosen.needs_server = reach_of(*options) == Reach::kServer;
    chosen.action = [options, run](Session& session) { return run(session, *options); };
  });
}

// The same for a command that always does or never.
template <typename Options, typename Run>
void OnChosen(CLI::App* command, Chosen& chosen, std::shared_ptr<Options> options, Run run,
              Reach reach = Reach::kServer) {
  OnChosenReaching(command, chosen, options, run, [reach](const Options&) { return reach; });
}

}  // namespace nexus::cli
