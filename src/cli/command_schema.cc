// nexusctl schema register|ls|get|validate; the rest of it is in command_compatibility.cc,
// command_observe.cc and command_registry.cc

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "cli/schema_draft.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

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

std::string SchemaJson(const client::Schema& schema, bool with_definition) {
  JsonObject json;
  json.Text("subject", schema.subject).Number("version", schema.version);
  json.Number("id", schema.id).Text("guid", schema.guid);
  json.Text("format", std::string(SchemaFormatName(schema.format)));
  if (schema.deleted) json.Bool("deleted", true);
  json.Text("digest", schema.digest).Text("registered_by", schema.registered_by);
  json.Text("register_time", TimeText(schema.registered)).Text("comment", schema.comment);
  if (with_definition) {
    const std::optional<std::string> definition = MinifiedJson(schema.definition);
    json.Raw("definition", definition.value_or(JsonString(schema.definition)));
  }
  return json.Take();
}

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
  session.out() << schema.definition;
  if (schema.definition.empty() || schema.definition.back() != '\n') session.out() << '\n';
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ValidateData(Session& session, const SchemaOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const std::string data, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(client::Validation result,
                         client->ValidateData(options.subject, options.version, data));
  JsonObject json;
  json.Text("subject", options.subject).Number("version", result.version);
  json.Bool("valid", result.valid);
  PrintObject(session.out(), session.style(),
              {{"subject", options.subject},
               {"version", absl::StrCat(result.version)},
               {"valid", result.valid ? "yes" : "no"}},
              json.Take());
  if (result.valid) return ExitCode::kOk;
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  details.violations = std::move(result.violations);
  return MakeError(
      absl::StrCat("the data breaks version ", result.version, " of ", options.subject), details);
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

  CLI::App* check = schema->add_subcommand("validate", "Check data against a registered schema");
  check->add_option("SUBJECT", options->subject, "Event type")->required();
  check->add_option("FILE", options->source, "The data; - for standard input")->required();
  check->add_option("--version", options->version, "Default the latest")->type_name("N");
  OnChosen(check, chosen, options, ValidateData);

  AddCompatibilityCommands(*schema, chosen);
  AddObserveCommand(*schema, chosen);
  AddRegistryCommands(*schema, chosen);
}

}  // namespace nexus::cli
