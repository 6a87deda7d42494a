// nexusctl schema undeclared

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/undeclared_fields.h"

namespace nexus::cli {
namespace {

struct UndeclaredOptions {
  std::string subject;
  std::string setting;
  std::string comment;
};

ExitCode Print(Session& session, const client::ValidationSettings& settings) {
  const std::string word(UndeclaredFieldsName(settings.undeclared_fields));
  JsonObject json;
  json.Text("subject", settings.subject).Text("undeclared_fields", word);
  json.Bool("inherited", settings.inherited).Text("comment", settings.comment);
  PrintObject(session.out(), session.style(),
              {{"subject", settings.subject.empty() ? "(all others)" : settings.subject},
               {"undeclared fields", word},
               {"inherited", settings.inherited ? "true" : "false"},
               {"comment", Printable(settings.comment, 100)}},
              json.Take());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Get(Session& session, const UndeclaredOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::ValidationSettings settings,
                         client->GetValidation(options.subject));
  return Print(session, settings);
}

absl::StatusOr<ExitCode> Set(Session& session, const UndeclaredOptions& options) {
  client::ValidationSettings settings;
  settings.subject = options.subject;
  settings.comment = options.comment;
  if (!ParseUndeclaredFields(absl::AsciiStrToUpper(options.setting), settings.undeclared_fields) ||
      settings.undeclared_fields == UndeclaredFields::kByFormat) {
    return UsageError(
        absl::StrCat("SETTING is ALLOW, WARN or REJECT, not \"", options.setting, "\""));
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(settings, client->SetValidation(settings));
  return Print(session, settings);
}

absl::StatusOr<ExitCode> Clear(Session& session, const UndeclaredOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::ValidationSettings settings,
                         client->ClearValidation(options.subject, options.comment));
  return Print(session, settings);
}

}  // namespace

void AddUndeclaredCommands(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<UndeclaredOptions>();
  CLI::App* undeclared = schema.add_subcommand(
      "undeclared", "What becomes of events with fields that their schema does not declare");
  undeclared->require_subcommand(1);
  CLI::App* get = undeclared->add_subcommand("get", "Print it");
  get->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  OnChosen(get, chosen, options, Get);
  CLI::App* set = undeclared->add_subcommand("set", "Change it");
  set->add_option("SETTING", options->setting, "ALLOW, WARN or REJECT")->required();
  set->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  set->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(set, chosen, options, Set);
  CLI::App* clear = undeclared->add_subcommand("clear", "Back to what holds for all others");
  clear->add_option("SUBJECT", options->subject,
                    "Event type; without it, all others: back to what each format has");
  clear->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(clear, chosen, options, Clear);
}

}  // namespace nexus::cli
