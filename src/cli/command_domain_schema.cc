// nexusctl domain schema

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/kind_schema.h"
#include "cli/kind_schemas.h"

namespace nexus::cli {
namespace {

struct KindOptions {
  std::string kind;
};

absl::StatusOr<ExitCode> PrintKindSchema(Session& session, const KindOptions& options) {
  const absl::string_view schema = KindSchema(options.kind);
  if (schema.empty()) {
    return UsageError(absl::StrCat("KIND is one of ", absl::StrJoin(KindsWithSchema(), ", "),
                                   ", not \"", options.kind, "\""));
  }
  session.out() << schema << std::flush;
  return ExitCode::kOk;
}

}  // namespace

std::vector<std::string> KindsWithSchema() {
  std::vector<std::string> kinds;
  for (const auto& [kind, schema] : kKindSchemas) kinds.emplace_back(kind);
  return kinds;
}

absl::string_view KindSchema(absl::string_view kind) {
  for (const auto& [known, schema] : kKindSchemas) {
    if (absl::EqualsIgnoreCase(known, kind)) return schema;
  }
  return "";
}

void AddDomainSchemaCommand(CLI::App& domain, Chosen& chosen) {
  auto options = std::make_shared<KindOptions>();
  CLI::App* command =
      domain.add_subcommand("schema", "The JSON Schema of a kind of declaration, for editors");
  command
      ->add_option("KIND", options->kind,
                   "Domain, Schema, Aggregate, Upcaster, Route, Policy, Role, or Cases (of tests/)")
      ->required();
  OnChosen(command, chosen, options, PrintKindSchema, Reach::kLocal);
}

}  // namespace nexus::cli
