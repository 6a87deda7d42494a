// nexusctl role list|define|remove

#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr size_t kRoleCellMax = 60;

struct RoleOptions {
  client::RoleInfo role;
  std::string comment;
};

JsonObject RoleJson(const client::RoleInfo& role) {
  JsonObject json;
  json.Text("role", role.name).Raw("operations", JsonTexts(role.operations));
  json.Bool("system_streams", role.system_streams).Bool("built_in", role.built_in);
  json.Text("comment", role.comment);
  return json;
}

void PrintRole(Session& session, const client::RoleInfo& role) {
  PrintObject(session.out(), session.style(),
              {{"role", role.name},
               {"operations", absl::StrJoin(role.operations, ",")},
               {"comment", Printable(role.comment)}},
              RoleJson(role).Take());
}

absl::StatusOr<ExitCode> ListRoles(Session& session, const RoleOptions&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const std::vector<client::RoleInfo> roles, client->ListRoles());
  Listing listing(session.out(), session.style(), {"ROLE", "OPERATIONS", "KIND", "COMMENT"});
  for (const client::RoleInfo& role : roles) {
    listing.Add(
        [&] {
          return std::vector<std::string>{
              Printable(role.name, kRoleCellMax), absl::StrJoin(role.operations, ","),
              role.built_in ? "built-in" : "defined", Printable(role.comment, kRoleCellMax)};
        },
        [&] { return RoleJson(role).Take(); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> DefineRole(Session& session, const RoleOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RoleInfo role = options.role;
  role.comment = options.comment;
  NEXUS_ASSIGN_OR_RETURN(const client::RoleInfo defined, client->DefineRole(role));
  PrintRole(session, defined);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RemoveRole(Session& session, const RoleOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::RoleInfo removed,
                         client->RemoveRole(options.role.name, options.comment));
  PrintRole(session, removed);
  return ExitCode::kOk;
}

}  // namespace

void AddRoleCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* role = app.add_subcommand("role", "What roles allow");
  role->require_subcommand(1);
  auto options = std::make_shared<RoleOptions>();

  OnChosen(role->add_subcommand("list", "The server's own roles and those defined"), chosen,
           options, ListRoles);

  CLI::App* define =
      role->add_subcommand("define", "Make a role, or change it for all who have it");
  define->add_option("role", options->role.name, "Its name")->required();
  define->add_option("--operation", options->role.operations, "That it allows; repeatable")
      ->required();
  define->add_flag("--system-streams", options->role.system_streams,
                   "Where no stream is named it covers the server's own too");
  define->add_option("--comment", options->comment, "What it is for");
  OnChosen(define, chosen, options, DefineRole);

  CLI::App* remove = role->add_subcommand("remove", "Remove a role that nobody has");
  remove->add_option("role", options->role.name, "Its name")->required();
  remove->add_option("--comment", options->comment, "Why");
  OnChosen(remove, chosen, options, RemoveRole);
}

}  // namespace nexus::cli
