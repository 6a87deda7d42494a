// nexusctl schema check|compat|config

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/schema_draft.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compat/avro_comparer.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/protobuf/compat/protobuf_comparer.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::cli {
namespace {

struct CompatOptions {
  std::string subject;
  std::string source;
  std::string old_source;
  std::string mode;
  std::string policy;
  std::string comment;
  std::vector<std::string> flags;
  DefinitionOptions definition;
};

std::string FindingJson(const CompatibilityFinding& finding) {
  JsonObject json;
  json.Text("rule", finding.rule).Text("path", finding.path);
  json.Text("old", finding.old_value).Text("new", finding.new_value);
  json.Text("message", finding.message).Text("fix", finding.fix);
  if (!finding.witness.empty()) json.Raw("witness", finding.witness);
  json.Number("version", finding.version).Bool("forward", finding.forward);
  return json.Take();
}

ExitCode PrintVerdict(Session& session, const CompatibilityVerdict& verdict, CompatibilityMode mode,
                      CompatibilityPolicy policy) {
  const std::string mode_name(CompatibilityModeName(mode));
  const std::string policy_name(CompatibilityPolicyName(policy));
  std::string findings;
  for (const CompatibilityFinding& finding : verdict.findings) {
    absl::StrAppend(&findings, findings.empty() ? "" : ",", FindingJson(finding));
  }
  JsonObject json;
  json.Bool("compatible", verdict.compatible()).Text("mode", mode_name).Text("policy", policy_name);
  json.Raw("findings", absl::StrCat("[", findings, "]"));
  PrintObject(session.out(), session.style(),
              {{"compatible", verdict.compatible() ? "yes" : "no"},
               {"mode", mode_name},
               {"policy", policy_name}},
              json.Take());
  if (session.style().format == Format::kTable) {
    for (const CompatibilityFinding& finding : verdict.findings) {
      session.out() << "\n"
                    << finding.rule << " at \"" << Printable(finding.path, 200) << "\"\n  "
                    << Printable(finding.message, 300) << " (against version " << finding.version
                    << ")\n";
      if (!finding.old_value.empty() || !finding.new_value.empty()) {
        session.out() << "  old: " << Printable(finding.old_value, 200)
                      << "  new: " << Printable(finding.new_value, 200) << "\n";
      }
      if (!finding.witness.empty()) {
        session.out() << "  "
                      << (finding.forward ? "valid now and not before: "
                                          : "valid before and not now: ")
                      << Printable(finding.witness, 400) << "\n";
      }
      session.out() << "  fix: " << finding.fix << "\n";
    }
  }
  return verdict.compatible() ? ExitCode::kOk : ExitCode::kFindings;
}

absl::StatusOr<ExitCode> CheckSchema(Session& session, const CompatOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(std::string definition, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(
      const client::SchemaDraft draft,
      DraftOf(options.definition, options.subject, options.source, std::move(definition)));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::CompatibilityCheck check, client->CheckCompatibility(draft));
  if (check.latest_version == 0) session.Note(absl::StrCat(options.subject, " is a new subject"));
  return PrintVerdict(session, check.verdict, check.mode, check.policy);
}

// Changes `rules` by what stands on the command line.
absl::Status ReadRules(const CompatOptions& options, CompatibilityRules& rules) {
  if (!options.mode.empty() &&
      !ParseCompatibilityMode(absl::AsciiStrToUpper(options.mode), rules.mode)) {
    return UsageError(
        absl::StrCat("--mode is NONE, or BACKWARD, FORWARD or FULL, alone or with "
                     "_TRANSITIVE, not \"",
                     options.mode, "\""));
  }
  if (!options.policy.empty() &&
      !ParseCompatibilityPolicy(absl::AsciiStrToUpper(options.policy), rules.policy)) {
    return UsageError(
        absl::StrCat("--policy is NEXUS, STRICT or LENIENT, not \"", options.policy, "\""));
  }
  for (const std::string& text : options.flags) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    bool* flag = name == "allow_new_fields"      ? &rules.flags.allow_new_fields
                 : name == "require_defaults"    ? &rules.flags.require_defaults
                 : name == "allow_field_removal" ? &rules.flags.allow_field_removal
                 : name == "allow_type_changes"  ? &rules.flags.allow_type_changes
                                                 : nullptr;
    if (flag == nullptr || (value != "true" && value != "false")) {
      return UsageError(
          absl::StrCat("--flag is allow_new_fields, require_defaults, "
                       "allow_field_removal or allow_type_changes with =true or "
                       "=false, not \"",
                       text, "\""));
    }
    *flag = value == "true";
  }
  return absl::OkStatus();
}

absl::StatusOr<CompatibilityVerdict> Compare(SchemaValidator& validator, SchemaComparer& comparer,
                                             const std::string& before, const std::string& after,
                                             const CompatibilityRules& rules) {
  NEXUS_ASSIGN_OR_RETURN(const auto old_schema, validator.Compile(before));
  NEXUS_ASSIGN_OR_RETURN(const auto new_schema, validator.Compile(after));
  const EarlierSchema earlier[] = {{1, old_schema.get()}};
  return comparer.Compare(earlier, *new_schema, rules);
}

absl::StatusOr<CompatibilityVerdict> CompareIn(SchemaFormat format, const std::string& before,
                                               const std::string& after,
                                               const CompatibilityRules& rules) {
  if (format == SchemaFormat::kAvro) {
    schema::AvroSchemaValidator validator;
    schema::AvroComparer comparer;
    return Compare(validator, comparer, before, after, rules);
  }
  if (format == SchemaFormat::kProtobuf) {
    schema::ProtobufValidator validator;
    schema::ProtobufComparer comparer;
    return Compare(validator, comparer, before, after, rules);
  }
  schema::JsonSchemaValidator validator;
  schema::JsonSchemaComparer comparer;
  return Compare(validator, comparer, before, after, rules);
}

absl::StatusOr<ExitCode> CompareFiles(Session& session, const CompatOptions& options) {
  CompatibilityRules rules;
  NEXUS_RETURN_IF_ERROR(ReadRules(options, rules));
  NEXUS_ASSIGN_OR_RETURN(const std::string before, ReadSource(options.old_source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(const std::string after, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(const SchemaFormat format, FormatOf(options.definition, options.source));
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                         CompareIn(format, before, after, rules));
  return PrintVerdict(session, verdict, rules.mode, rules.policy);
}

ExitCode PrintSettings(Session& session, const client::CompatibilitySettings& settings) {
  const CompatibilityFlags& flags = settings.rules.flags;
  const std::string mode(CompatibilityModeName(settings.rules.mode));
  const std::string policy(CompatibilityPolicyName(settings.rules.policy));
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  JsonObject json;
  json.Text("subject", settings.subject).Text("mode", mode).Text("policy", policy);
  json.Bool("allow_new_fields", flags.allow_new_fields);
  json.Bool("require_defaults", flags.require_defaults);
  json.Bool("allow_field_removal", flags.allow_field_removal);
  json.Bool("allow_type_changes", flags.allow_type_changes);
  json.Bool("inherited", settings.inherited).Text("updated_by", settings.updated_by);
  json.Text("comment", settings.comment);
  PrintObject(session.out(), session.style(),
              {{"subject", settings.subject.empty() ? "(all others)" : settings.subject},
               {"mode", mode},
               {"policy", policy},
               {"allow new fields", word(flags.allow_new_fields)},
               {"require defaults", word(flags.require_defaults)},
               {"allow field removal", word(flags.allow_field_removal)},
               {"allow type changes", word(flags.allow_type_changes)},
               {"inherited", word(settings.inherited)},
               {"updated by", settings.updated_by},
               {"comment", Printable(settings.comment, 100)}},
              json.Take());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> GetConfig(Session& session, const CompatOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::CompatibilitySettings settings,
                         client->GetCompatibility(options.subject));
  return PrintSettings(session, settings);
}

absl::StatusOr<ExitCode> SetConfig(Session& session, const CompatOptions& options) {
  CompatibilityRules unused;  // a mistake is told before a server is asked
  NEXUS_RETURN_IF_ERROR(ReadRules(options, unused));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  // What is not named stays as it is now.
  NEXUS_ASSIGN_OR_RETURN(client::CompatibilitySettings settings,
                         client->GetCompatibility(options.subject));
  NEXUS_RETURN_IF_ERROR(ReadRules(options, settings.rules));
  settings.comment = options.comment;
  NEXUS_ASSIGN_OR_RETURN(settings, client->SetCompatibility(settings));
  return PrintSettings(session, settings);
}

void AddRuleOptions(CLI::App* command, const std::shared_ptr<CompatOptions>& options) {
  command->add_option("--mode", options->mode, "NONE, BACKWARD, FORWARD, FULL; _TRANSITIVE")
      ->type_name("MODE");
  command->add_option("--policy", options->policy, "NEXUS, STRICT or LENIENT")->type_name("POLICY");
  command->add_option("--flag", options->flags, "Of the policy NEXUS, as NAME=true or NAME=false")
      ->type_name("FLAG");
}

}  // namespace

void AddCompatibilityCommands(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<CompatOptions>();

  CLI::App* check = schema.add_subcommand("check", "Judge a new version; stores nothing");
  check->add_option("SUBJECT", options->subject, "Event type")->required();
  check->add_option("FILE", options->source, "The schema; - for standard input")->required();
  AddDefinitionOptions(check, options->definition);
  OnChosen(check, chosen, options, CheckSchema);

  CLI::App* compat = schema.add_subcommand("compat", "Judge two files, without a server");
  compat->add_option("OLD", options->old_source, "The schema; - for standard input")->required();
  compat->add_option("NEW", options->source, "The schema that follows")->required();
  compat
      ->add_option("--format", options->definition.format,
                   "json, avro or protobuf; default by the name of NEW")
      ->type_name("FORMAT");
  AddRuleOptions(compat, options);
  OnChosen(compat, chosen, options, CompareFiles, Reach::kLocal);

  CLI::App* config = schema.add_subcommand("config", "How versions of a subject may differ");
  config->require_subcommand(1);
  CLI::App* get = config->add_subcommand("get", "Print it");
  get->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  OnChosen(get, chosen, options, GetConfig);
  CLI::App* set = config->add_subcommand("set", "Change it");
  set->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  AddRuleOptions(set, options);
  set->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(set, chosen, options, SetConfig);
}

}  // namespace nexus::cli
