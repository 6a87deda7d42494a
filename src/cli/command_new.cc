// nexusctl new domain

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/domain_template.h"
#include "cli/files.h"
#include "cli/json.h"
#include "domain/declaration_header.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string name;
  std::string folder;
};

absl::Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot make ", folder.string(), ": ", error.message()));
}

absl::StatusOr<ExitCode> NewDomain(Session& session, const NewOptions& options) {
  if (!domain::IsPlainName(options.name)) {
    return UsageError(absl::StrCat("'", options.name, "' is not 1 to 63 of a-z, 0-9 and '-'"));
  }
  const fs::path folder = options.folder.empty() ? options.name : options.folder;
  std::error_code error;
  const bool is_free = !fs::exists(folder, error) ||
                       (fs::is_directory(folder, error) && fs::is_empty(folder, error));
  if (!is_free) {
    return UsageError(absl::StrCat(folder.string(), " is there already, and not empty"));
  }
  std::vector<std::string> paths;
  for (const TemplateFile& file : DomainTemplate(options.name)) {
    const fs::path path = folder / file.path;
    NEXUS_RETURN_IF_ERROR(MakeFolder(path.parent_path()));
    NEXUS_RETURN_IF_ERROR(WriteFile(path.string(), file.text));
    paths.push_back(path.string());
  }
  std::vector<std::pair<std::string, std::string>> fields = {{"domain", options.name}};
  for (const std::string& path : paths) fields.emplace_back("file", path);
  JsonObject json;
  json.Text("domain", options.name).Text("folder", folder.string());
  json.Raw("files", JsonTexts(paths));
  PrintObject(session.out(), session.style(), fields, json.Take());
  session.Note(absl::StrCat("next: nexusctl apply -f ", folder.string()));
  return ExitCode::kOk;
}

}  // namespace

void AddNewCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* fresh = app.add_subcommand("new", "Write files to start from");
  fresh->require_subcommand(1);
  auto options = std::make_shared<NewOptions>();
  CLI::App* domain = fresh->add_subcommand("domain", "A folder with a small domain");
  domain->add_option("NAME", options->name, "Of the domain")->required();
  domain->add_option("--dir", options->folder, "Where; default: its name")->type_name("DIR");
  OnChosen(domain, chosen, options, NewDomain, Reach::kLocal);
}

}  // namespace nexus::cli
