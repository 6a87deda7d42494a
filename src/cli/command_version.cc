// nexusctl version

#include "cli/commands.h"
#include "cli/json.h"

namespace nexus::cli {
namespace {

struct VersionOptions {};

absl::StatusOr<ExitCode> PrintVersion(Session& session, const VersionOptions&) {
  JsonObject json;
  json.Text("version", NEXUS_VERSION);
  PrintObject(session.out(), session.style(), {{"nexusctl", NEXUS_VERSION}}, json.Take());
  return ExitCode::kOk;
}

}  // namespace

void AddVersionCommand(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("version", "Print the version of nexusctl");
  OnChosen(command, chosen, std::make_shared<VersionOptions>(), PrintVersion, Reach::kLocal);
}

}  // namespace nexus::cli
