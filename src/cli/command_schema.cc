// nexusctl schema register|ls|get; the rest of it is in command_compatibility.cc, command_diff.cc,
// command_history.cc, command_observe.cc, command_registry.cc and command_validate.cc

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/registered_schema.h"
#include "cli/schema_diff.h"
#include "cli/schema_draft.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct SchemaOptions {
  std::string subject;
  std::string source;
  std::string comment;
  DefinitionOptions definition;
  uint32_t version = 0;
  bool all_versions = false;
  bool deleted = false;
};

absl::StatusOr<ExitCode> RegisterSchema(Session& session, const SchemaOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(std::string definition, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(client::SchemaDraft draft, DraftOf(options.definition, options.subject,
                                                            options.source, std::move(definition)));
  draft.comment = options.comment;
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::Schema schema, client->RegisterSchema(draft));
  PrintObject(session.out(), session.style(),
              {{"subject", schema.subject},
               {"version", absl::StrCat(schema.version)},
               {"digest", schema.digest}},
              SchemaJson(schema, false));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListSchemas(Session& session, const SchemaOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const std::vector<client::Schema> schemas,
                         client->ListSchemas({.subject = options.subject,
                                              .latest_only = !options.all_versions,
                                              .include_deleted = options.deleted}));
  Listing listing(session.out(), session.style(),
                  {"SUBJECT", "VERSION", "ID", "FORMAT", "REGISTERED", "BY", "COMMENT"});
  for (const client::Schema& schema : schemas) {
    listing.Add(
        [&] {
          return std::vector<std::string>{schema.subject,
                                          absl::StrCat(schema.version),
                                          absl::StrCat(schema.id),
                                          std::string(SchemaFormatName(schema.format)),
                                          TimeText(schema.registered),
                                          schema.registered_by,
                                          Printable(schema.comment, 60)};
        },
        [&] { return SchemaJson(schema, false); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> GetSchema(Session& session, const SchemaOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::Schema schema,
                         client->GetSchema(options.subject, options.version));
  if (session.style().format != Format::kTable) {
    session.out() << SchemaJson(schema, true) << std::endl;
    return ExitCode::kOk;
  }
  // The text as it was registered, so that `schema get > file` gives the file back.
  session.Note(absl::StrCat(schema.subject, " version ", schema.version));
  for (const ClassifiedField& field : schema.classified.fields) {
    session.Note(absl::StrCat("classified: ", field.path.empty() ? "the document" : field.path,
                              ": ", ClassText(field)));
  }
  if (!schema.classified.complete) session.Note("there are more ways to classified fields");
  session.out() << schema.definition;
  if (schema.definition.empty() || schema.definition.back() != '\n') session.out() << '\n';
  return ExitCode::kOk;
}

}  // namespace

void AddSchemaCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* schema = app.add_subcommand("schema", "Schemas of events");
  schema->require_subcommand(1);
  auto options = std::make_shared<SchemaOptions>();

  CLI::App* add = schema->add_subcommand("register", "Register a version of a subject");
  add->add_option("SUBJECT", options->subject, "Event type")->required();
  add->add_option("FILE", options->source, "The schema; - for standard input")->required();
  AddDefinitionOptions(add, options->definition);
  add->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(add, chosen, options, RegisterSchema);

  CLI::App* ls = schema->add_subcommand("ls", "List subjects with their latest version");
  ls->add_option("SUBJECT", options->subject, "Only this one");
  ls->add_flag("--all-versions", options->all_versions, "Every version");
  ls->add_flag("--deleted", options->deleted, "Deleted ones too");
  OnChosen(ls, chosen, options, ListSchemas);

  CLI::App* get = schema->add_subcommand("get", "Print a schema");
  get->add_option("SUBJECT", options->subject, "Event type")->required();
  get->add_option("--version", options->version, "Default the latest")->type_name("N");
  OnChosen(get, chosen, options, GetSchema);

  AddValidateCommand(*schema, chosen);
  AddCompatibilityCommands(*schema, chosen);
  AddObserveCommand(*schema, chosen);
  AddDiffCommand(*schema, chosen);
  AddHistoryCommand(*schema, chosen);
  AddRegistryCommands(*schema, chosen);
  AddUndeclaredCommands(*schema, chosen);
}

}  // namespace nexus::cli
