// nexusctl context ls|use|set|rm

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/contexts.h"
#include "cli/json.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ContextOptions {
  std::string name;
};

absl::StatusOr<Contexts> KnownContexts(Session& session) {
  const std::string& path = session.settings().contexts_path;
  if (path.empty()) return UsageError("neither XDG_CONFIG_HOME nor HOME is set");
  return LoadContexts(path);
}

absl::StatusOr<ExitCode> KeepContexts(Session& session, const Contexts& contexts) {
  NEXUS_RETURN_IF_ERROR(SaveContexts(session.settings().contexts_path, contexts));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListContexts(Session& session, const ContextOptions&) {
  NEXUS_ASSIGN_OR_RETURN(const Contexts contexts, KnownContexts(session));
  Listing listing(session.out(), session.style(), {"CURRENT", "NAME", "SERVER", "TOKEN"});
  for (const auto& entry : contexts.by_name) {
    // A lambda cannot capture the names of a structured binding.
    const std::string& name = entry.first;
    const auto& context = entry.second;
    const bool current = name == contexts.current;
    // Which secret, never the secret.
    const std::string token = !context.token.empty()        ? "(in this file)"
                              : !context.token_file.empty() ? context.token_file
                                                            : "";
    listing.Add(
        [&] {
          return std::vector<std::string>{current ? "*" : "", name, context.server, token};
        },
        [&] {
          JsonObject json;
          json.Text("name", name).Text("server", context.server);
          json.Text("token", token).Bool("current", current);
          return json.Take();
        });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::Status NoSuchContext(const std::string& name) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no context \"", name, "\""));
}

absl::StatusOr<ExitCode> UseContext(Session& session, const ContextOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(Contexts contexts, KnownContexts(session));
  if (contexts.by_name.count(options.name) == 0) return NoSuchContext(options.name);
  contexts.current = options.name;
  return KeepContexts(session, contexts);
}

absl::StatusOr<ExitCode> SetContext(Session& session, const ContextOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(Contexts contexts, KnownContexts(session));
  const GlobalFlags& flags = session.settings().flags;
  if (flags.server.empty()) return UsageError("context set wants --server ADDRESS");
  contexts.by_name[options.name] = {flags.server, flags.token, flags.token_file, flags.tls,
                                    flags.ca,     flags.cert,  flags.key};
  if (contexts.current.empty()) contexts.current = options.name;
  return KeepContexts(session, contexts);
}

absl::StatusOr<ExitCode> RemoveContext(Session& session, const ContextOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(Contexts contexts, KnownContexts(session));
  if (contexts.by_name.erase(options.name) == 0) return NoSuchContext(options.name);
  if (contexts.current == options.name) contexts.current.clear();
  return KeepContexts(session, contexts);
}

}  // namespace

void AddContextCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* context = app.add_subcommand("context", "Named servers");
  context->require_subcommand(1);
  auto options = std::make_shared<ContextOptions>();

  OnChosen(context->add_subcommand("ls", "List them"), chosen, options, ListContexts,
           Reach::kLocal);
  CLI::App* use = context->add_subcommand("use", "Make one the default");
  use->add_option("CONTEXT", options->name, "Its name")->required();
  OnChosen(use, chosen, options, UseContext, Reach::kLocal);

  CLI::App* set =
      context->add_subcommand("set",
                              "Add or replace one: its --server, --token, --token-file,\n"
                              "--tls, --ca, --cert, --key");
  set->add_option("CONTEXT", options->name, "Its name")->required();
  OnChosen(set, chosen, options, SetContext, Reach::kLocal);

  CLI::App* remove = context->add_subcommand("rm", "Forget one");
  remove->add_option("CONTEXT", options->name, "Its name")->required();
  OnChosen(remove, chosen, options, RemoveContext, Reach::kLocal);
}

}  // namespace nexus::cli
