// nexusctl schema delete|mode

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct RegistryOptions {
  std::string subject;
  std::string mode;
  std::string comment;
  uint32_t version = 0;
  bool permanent = false;
  bool force = false;
};

constexpr std::pair<client::RegistryMode, const char*> kModes[] = {
    {client::RegistryMode::kReadWrite, "READWRITE"},
    {client::RegistryMode::kReadOnly, "READONLY"},
    {client::RegistryMode::kReadOnlyOverride, "READONLY_OVERRIDE"},
    {client::RegistryMode::kImport, "IMPORT"},
};

absl::StatusOr<ExitCode> DeleteSchema(Session& session, const RegistryOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(
      const std::vector<uint32_t> versions,
      client->DeleteSchema(options.subject, options.version, options.permanent, options.comment));
  const std::string list = absl::StrJoin(versions, ",");
  JsonObject json;
  json.Text("subject", options.subject).Raw("versions", absl::StrCat("[", list, "]"));
  json.Bool("permanent", options.permanent);
  PrintObject(session.out(), session.style(),
              {{"subject", options.subject},
               {"versions", list},
               {"permanent", options.permanent ? "yes" : "no"}},
              json.Take());
  return ExitCode::kOk;
}

ExitCode PrintMode(Session& session, const client::ModeSettings& settings) {
  std::string name;
  for (const auto& [mode, text] : kModes) {
    if (mode == settings.mode) name = text;
  }
  JsonObject json;
  json.Text("subject", settings.subject).Text("mode", name).Bool("inherited", settings.inherited);
  json.Text("comment", settings.comment);
  PrintObject(session.out(), session.style(),
              {{"subject", settings.subject.empty() ? "(all others)" : settings.subject},
               {"mode", name},
               {"inherited", settings.inherited ? "true" : "false"},
               {"comment", Printable(settings.comment, 100)}},
              json.Take());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> GetMode(Session& session, const RegistryOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::ModeSettings settings,
                         client->GetRegistryMode(options.subject));
  return PrintMode(session, settings);
}

absl::StatusOr<ExitCode> SetMode(Session& session, const RegistryOptions& options) {
  client::ModeSettings settings;
  settings.subject = options.subject;
  settings.comment = options.comment;
  bool known = false;
  for (const auto& [mode, text] : kModes) {
    if (absl::AsciiStrToUpper(options.mode) != text) continue;
    settings.mode = mode;
    known = true;
  }
  if (!known) {
    return UsageError(absl::StrCat(
        "MODE is READWRITE, READONLY, READONLY_OVERRIDE or IMPORT, not \"", options.mode, "\""));
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(settings, client->SetRegistryMode(settings, options.force));
  return PrintMode(session, settings);
}

}  // namespace

void AddRegistryCommands(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<RegistryOptions>();

  CLI::App* remove = schema.add_subcommand("delete", "Hide versions from new events");
  remove->add_option("SUBJECT", options->subject, "Event type")->required();
  remove->add_option("--version", options->version, "Default all of them")->type_name("N");
  remove->add_flag("--permanent", options->permanent,
                   "Of deleted ones: leave them out of all lists");
  remove->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(remove, chosen, options, DeleteSchema);

  CLI::App* mode = schema.add_subcommand("mode", "Whether a subject takes new versions");
  mode->require_subcommand(1);
  CLI::App* get = mode->add_subcommand("get", "Print it");
  get->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  OnChosen(get, chosen, options, GetMode);
  CLI::App* set = mode->add_subcommand("set", "Change it");
  set->add_option("MODE", options->mode, "READWRITE, READONLY, READONLY_OVERRIDE or IMPORT")
      ->required();
  set->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  set->add_flag("--force", options->force, "IMPORT beside live versions");
  set->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(set, chosen, options, SetMode);
}

}  // namespace nexus::cli
