// nexusctl schema check|compat|config

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/compatibility_options.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/finding_json.h"
#include "cli/json.h"
#include "cli/local_schema.h"
#include "cli/report_options.h"
#include "cli/schema_draft.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct CompatOptions {
  std::string subject;
  std::string source;
  std::string old_source;
  std::string comment;
  RuleOptions rules;
  DefinitionOptions definition;
  ReportOptions report;
};

void PrintFinding(std::ostream& out, const CompatibilityFinding& finding) {
  out << "\n"
      << finding.rule << " at \"" << Printable(finding.path, 200) << "\"\n  "
      << Printable(finding.message, 300) << " (against version " << finding.version << ")\n";
  if (!finding.old_value.empty() || !finding.new_value.empty()) {
    out << "  old: " << Printable(finding.old_value, 200)
        << "  new: " << Printable(finding.new_value, 200) << "\n";
  }
  if (!finding.witness.empty()) {
    out << "  " << (finding.forward ? "valid now and not before: " : "valid before and not now: ")
        << Printable(finding.witness, 400) << "\n";
  }
  out << "  fix: " << finding.fix << "\n";
}

void PrintVerdict(Session& session, const CompatibilityVerdict& verdict, CompatibilityMode mode,
                  CompatibilityPolicy policy) {
  const std::string mode_name(CompatibilityModeName(mode));
  const std::string policy_name(CompatibilityPolicyName(policy));
  std::vector<std::string> findings;
  for (const CompatibilityFinding& finding : verdict.findings) {
    findings.push_back(FindingJson(finding));
  }
  JsonObject json;
  json.Bool("compatible", verdict.compatible()).Text("mode", mode_name).Text("policy", policy_name);
  json.Raw("findings", JsonArray(findings));
  PrintObject(session.out(), session.style(),
              {{"compatible", verdict.compatible() ? "yes" : "no"},
               {"mode", mode_name},
               {"policy", policy_name}},
              json.Take());
  if (session.style().format != Format::kTable) return;
  for (const CompatibilityFinding& finding : verdict.findings) PrintFinding(session.out(), finding);
}

ReportedFinding ToReported(const CompatibilityFinding& found, const std::string& file) {
  ReportedFinding finding;
  finding.rule = found.rule;
  finding.message = absl::StrCat(found.message, " (against version ", found.version, ")");
  finding.file = file;
  finding.path = found.path;
  finding.old_value = found.old_value;
  finding.new_value = found.new_value;
  finding.fix = found.fix;
  return finding;
}

// The verdict on `file`, in the form that was asked for.
absl::StatusOr<ExitCode> TellVerdict(Session& session, const CompatOptions& options,
                                     const std::string& check, const CompatibilityVerdict& verdict,
                                     const std::pair<CompatibilityMode, CompatibilityPolicy>& by) {
  if (!ReportTakesOutput(options.report)) PrintVerdict(session, verdict, by.first, by.second);
  FindingReport report{check, {options.source}, {}};
  for (const CompatibilityFinding& finding : verdict.findings) {
    report.findings.push_back(ToReported(finding, options.source));
  }
  NEXUS_RETURN_IF_ERROR(DeliverReport(session, options.report, report));
  return verdict.compatible() ? ExitCode::kOk : ExitCode::kFindings;
}

absl::StatusOr<ExitCode> CheckSchema(Session& session, const CompatOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckReportOptions(options.report));
  NEXUS_ASSIGN_OR_RETURN(std::string definition, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(
      const client::SchemaDraft draft,
      DraftOf(options.definition, options.subject, options.source, std::move(definition)));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::CompatibilityCheck check, client->CheckCompatibility(draft));
  if (check.latest_version == 0) session.Note(absl::StrCat(options.subject, " is a new subject"));
  return TellVerdict(session, options, "schema check", check.verdict, {check.mode, check.policy});
}

absl::StatusOr<CompatibilityVerdict> Compare(const CompatOptions& options,
                                             const std::string& before, const std::string& after,
                                             const CompatibilityRules& rules) {
  NEXUS_ASSIGN_OR_RETURN(const SchemaFormat format, FormatOf(options.definition, options.source));
  NEXUS_ASSIGN_OR_RETURN(const auto references, ReadFileReferences(options.definition.references));
  const LocalLanguage language = LanguageOf(format);
  NEXUS_ASSIGN_OR_RETURN(const auto old_schema,
                         CompileNamed(language, options.old_source, before, references));
  NEXUS_ASSIGN_OR_RETURN(const auto new_schema,
                         CompileNamed(language, options.source, after, references));
  const EarlierSchema earlier[] = {{1, old_schema.get()}};
  return language.comparer->Compare(earlier, *new_schema, rules);
}

absl::StatusOr<ExitCode> CompareFiles(Session& session, const CompatOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckReportOptions(options.report));
  CompatibilityRules rules;
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, rules));
  NEXUS_ASSIGN_OR_RETURN(const std::string before, ReadSource(options.old_source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(const std::string after, ReadSource(options.source, session.in()));
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                         Compare(options, before, after, rules));
  return TellVerdict(session, options, "schema compat", verdict, {rules.mode, rules.policy});
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
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, unused));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  // What is not named stays as it is now.
  NEXUS_ASSIGN_OR_RETURN(client::CompatibilitySettings settings,
                         client->GetCompatibility(options.subject));
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, settings.rules));
  settings.comment = options.comment;
  NEXUS_ASSIGN_OR_RETURN(settings, client->SetCompatibility(settings));
  return PrintSettings(session, settings);
}

}  // namespace

void AddCompatibilityCommands(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<CompatOptions>();

  CLI::App* check = schema.add_subcommand("check", "Judge a new version; stores nothing");
  check->add_option("SUBJECT", options->subject, "Event type")->required();
  check->add_option("FILE", options->source, "The schema; - for standard input")->required();
  AddDefinitionOptions(check, options->definition);
  AddReportOptions(check, options->report);
  OnChosen(check, chosen, options, CheckSchema);

  CLI::App* compat = schema.add_subcommand("compat", "Judge two files, without a server");
  compat->add_option("OLD", options->old_source, "The schema; - for standard input")->required();
  compat->add_option("NEW", options->source, "The schema that follows")->required();
  AddFileDefinitionOptions(compat, options->definition);
  AddRuleOptions(compat, options->rules);
  AddReportOptions(compat, options->report);
  OnChosen(compat, chosen, options, CompareFiles, Reach::kLocal);

  CLI::App* config = schema.add_subcommand("config", "How versions of a subject may differ");
  config->require_subcommand(1);
  CLI::App* get = config->add_subcommand("get", "Print it");
  get->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  OnChosen(get, chosen, options, GetConfig);
  CLI::App* set = config->add_subcommand("set", "Change it");
  set->add_option("SUBJECT", options->subject, "Event type; without it, all others");
  AddRuleOptions(set, options->rules);
  set->add_option("--comment", options->comment, "Why")->type_name("TEXT");
  OnChosen(set, chosen, options, SetConfig);
}

}  // namespace nexus::cli
