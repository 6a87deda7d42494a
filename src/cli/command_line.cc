// The tree of commands and the options of all of them.

#include "cli/commands.h"

namespace nexus::cli {

void AddGlobalOptions(CLI::App& app, GlobalFlags& flags) {
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the command
  const std::string group = "Global options";
  app.add_option("--server", flags.server, "gRPC address; NEXUS_SERVER; default 127.0.0.1:7070")
      ->type_name("ADDRESS")
      ->group(group);
  app.add_option("--context", flags.context, "A named server; NEXUS_CONTEXT")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--token", flags.token, "Bearer token; NEXUS_TOKEN")
      ->type_name("TOKEN")
      ->group(group);
  app.add_option("--token-file", flags.token_file, "File that holds it; NEXUS_TOKEN_FILE")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--tls", flags.tls, "Encrypt, and believe whom this system believes")->group(group);
  app.add_option("--ca", flags.ca, "Encrypt, and believe what this CA issued; NEXUS_CA")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--cert", flags.cert, "Certificate that says who you are; NEXUS_CERT")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--key", flags.key, "Its private key; NEXUS_KEY")->type_name("FILE")->group(group);
  app.add_option("--timeout", flags.timeout, "Of a call: 250ms, 10s, 2m; default 10s")
      ->type_name("DURATION")
      ->group(group);
  app.add_option("-o,--output", flags.output,
                 "table, json or jsonl; default table on a terminal, else jsonl")
      ->type_name("FORMAT")
      ->group(group);
  app.add_flag("--no-color", flags.no_color, "No colours; NO_COLOR")->group(group);
  app.add_flag("-q,--quiet", flags.quiet, "Nothing on standard error but errors")->group(group);
  app.add_flag("-v,--verbose", flags.verbose, "Say which server is asked")->group(group);
}

void AddAllCommands(CLI::App& app, Chosen& chosen) {
  AddAppendCommand(app, chosen);
  AddReadCommand(app, chosen);
  AddTailCommand(app, chosen);
  AddStreamCommands(app, chosen);
  AddSchemaCommands(app, chosen);
  AddCategoryCommands(app, chosen);
  AddPolicyCommands(app, chosen);
  AddCheckCommand(app, chosen);
  AddGraphCommands(app, chosen);
  AddAuditCommands(app, chosen);
  AddApplyCommands(app, chosen);
  AddDomainCommands(app, chosen);
  AddSnapshotCommands(app, chosen);
  AddNewCommands(app, chosen);
  AddScriptCommands(app, chosen);
  AddExecuteCommand(app, chosen);
  AddStateCommands(app, chosen);
  AddTraceCommand(app, chosen);
  AddRouteCommands(app, chosen);
  AddDeadLetterCommands(app, chosen);
  AddCostCommands(app, chosen);
  AddIndexCommands(app, chosen);
  AddImportCommand(app, chosen);
  AddStatusCommand(app, chosen);
  AddTokenCommands(app, chosen);
  AddRoleCommands(app, chosen);
  AddBindingCommands(app, chosen);
  AddAdminCommands(app, chosen);
  AddVerifyCommand(app, chosen);
  AddBenchCommands(app, chosen);
  AddErrorsCommands(app, chosen);
  AddContextCommands(app, chosen);
  AddCompletionCommand(app, chosen);
  AddVersionCommand(app, chosen);
}

}  // namespace nexus::cli
