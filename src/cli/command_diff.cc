// nexusctl schema diff

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/compatibility_options.h"
#include "cli/diff_text.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/local_schema.h"
#include "cli/registered_schema.h"
#include "cli/schema_draft.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct DiffOptions {
  std::string first;   // the earlier file; a subject where `second` is empty
  std::string second;  // the later file
  uint32_t from = 0;   // 0: the version before `to`
  uint32_t to = 0;     // 0: the latest
  RuleOptions rules;
  DefinitionOptions definition;
};

void PrintDiff(Session& session, const SchemaDiff& diff, const std::string& from,
               const std::string& to) {
  const std::string policy(CompatibilityPolicyName(diff.policy));
  const std::string backward = DirectionText(diff.breaks_backward());
  const std::string forward = DirectionText(diff.breaks_forward());
  JsonObject json;
  json.Text("from", from).Text("to", to).Text("policy", policy);
  json.Text("backward", backward).Text("forward", forward).Raw("changes", ChangesJson(diff));
  PrintObject(session.out(), session.style(),
              {{"from", from},
               {"to", to},
               {"policy", policy},
               {"backward", backward},
               {"forward", forward},
               {"changes", absl::StrCat(diff.changes.size())}},
              json.Take());
  if (session.style().format == Format::kTable) PrintChanges(session.out(), diff);
}

absl::StatusOr<ExitCode> DiffFiles(Session& session, const DiffOptions& options) {
  if (options.first == "-" && options.second == "-") {
    return UsageError("standard input can be read once, and \"-\" names it twice");
  }
  CompatibilityRules rules;
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, rules));
  NEXUS_ASSIGN_OR_RETURN(const SchemaFormat format, FormatOf(options.definition, options.second));
  NEXUS_ASSIGN_OR_RETURN(const auto references, ReadFileReferences(options.definition.references));
  NEXUS_ASSIGN_OR_RETURN(const std::string before, ReadSource(options.first, session.in()));
  NEXUS_ASSIGN_OR_RETURN(const std::string after, ReadSource(options.second, session.in()));
  const LocalLanguage language = LanguageOf(format);
  NEXUS_ASSIGN_OR_RETURN(const auto from,
                         CompileNamed(language, options.first, before, references));
  NEXUS_ASSIGN_OR_RETURN(const auto to, CompileNamed(language, options.second, after, references));
  NEXUS_ASSIGN_OR_RETURN(const SchemaDiff diff, DiffSchemas(*language.comparer, *from, *to, rules));
  PrintDiff(session, diff, options.first, options.second);
  return ExitCode::kOk;
}

using Versions = std::vector<client::Schema>;

absl::Status NoVersion(const std::string& subject, const std::string& which) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat(subject, " has no version ", which));
}

// The index of version `number`; 0 is the latest.
absl::StatusOr<size_t> IndexOfVersion(const Versions& versions, uint32_t number) {
  if (number == 0) return versions.size() - 1;
  for (size_t i = 0; i < versions.size(); ++i) {
    if (versions[i].version == number) return i;
  }
  return NoVersion(versions[0].subject, absl::StrCat(number));
}

absl::StatusOr<ExitCode> DiffVersions(Session& session, const DiffOptions& options) {
  CompatibilityRules rules;
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, rules));  // before a server is asked
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const Versions versions, VersionsOf(*client, options.first));
  NEXUS_ASSIGN_OR_RETURN(const size_t to, IndexOfVersion(versions, options.to));
  if (options.from == 0 && to == 0) {
    return NoVersion(options.first, absl::StrCat("before ", versions[to].version));
  }
  size_t from = to - 1;
  if (options.from != 0) {
    NEXUS_ASSIGN_OR_RETURN(from, IndexOfVersion(versions, options.from));
  }
  NEXUS_ASSIGN_OR_RETURN(const client::CompatibilitySettings settings,
                         client->GetCompatibility(options.first));
  rules = settings.rules;
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, rules));
  NEXUS_ASSIGN_OR_RETURN(const SchemaDiff diff,
                         DiffRegistered(*client, versions[from], versions[to], rules));
  PrintDiff(session, diff, absl::StrCat(options.first, " version ", versions[from].version),
            absl::StrCat(options.first, " version ", versions[to].version));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Diff(Session& session, const DiffOptions& options) {
  return options.second.empty() ? DiffVersions(session, options) : DiffFiles(session, options);
}

}  // namespace

void AddDiffCommand(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* diff =
      schema.add_subcommand("diff", "What changed between two files, or versions of a subject");
  diff->add_option("SUBJECT", options->first, "Event type; with NEW the earlier file")->required();
  CLI::Option* file = diff->add_option("NEW", options->second, "The later file: no server");
  diff->add_option("--from", options->from, "Default the version before --to")
      ->type_name("N")
      ->excludes(file);
  diff->add_option("--to", options->to, "Default the latest")->type_name("N")->excludes(file);
  AddFileDefinitionOptions(diff, options->definition);
  diff->get_option("--format")->needs(file);
  diff->get_option("--reference")->needs(file);
  AddPolicyOptions(diff, options->rules);
  OnChosenReaching(diff, chosen, options, Diff, [](const DiffOptions& given) {
    return given.second.empty() ? Reach::kServer : Reach::kLocal;
  });
}

}  // namespace nexus::cli
