// nexusctl category get|set

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct CategoryOptions {
  std::string category;
  std::string mode;
};

ExitCode PrintCategory(Session& session, const std::string& category, client::SchemaMode mode) {
  const std::string text = mode == client::SchemaMode::kOptional ? "optional" : "required";
  JsonObject json;
  json.Text("category", category).Text("schema_mode", text);
  PrintObject(session.out(), session.style(), {{"category", category}, {"schema mode", text}},
              json.Take());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> GetCategory(Session& session, const CategoryOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::SchemaMode mode, client->GetCategoryMode(options.category));
  return PrintCategory(session, options.category, mode);
}

absl::StatusOr<ExitCode> SetCategory(Session& session, const CategoryOptions& options) {
  client::SchemaMode mode = client::SchemaMode::kRequired;
  if (options.mode == "optional") {
    mode = client::SchemaMode::kOptional;
  } else if (options.mode != "required") {
    return UsageError(
        absl::StrCat("--schema-mode is optional or required, not \"", options.mode, "\""));
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(mode, client->SetCategoryMode(options.category, mode));
  return PrintCategory(session, options.category, mode);
}

}  // namespace

void AddCategoryCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* category = app.add_subcommand("category", "Settings of the streams of a category");
  category->require_subcommand(1);
  auto options = std::make_shared<CategoryOptions>();

  CLI::App* get = category->add_subcommand("get", "Print them");
  get->add_option("CATEGORY", options->category, "What precedes the first dash")->required();
  OnChosen(get, chosen, options, GetCategory);

  CLI::App* set = category->add_subcommand("set", "Change them");
  set->add_option("CATEGORY", options->category, "What precedes the first dash")->required();
  set->add_option("--schema-mode", options->mode, "optional or required")
      ->required()
      ->type_name("MODE");
  OnChosen(set, chosen, options, SetCategory);
}

}  // namespace nexus::cli
