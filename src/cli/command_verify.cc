// nexusctl verify

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct VerifyFlags {};

std::string VerificationJson(const client::Verification& result) {
  std::vector<std::string> findings;
  for (const std::string& finding : result.findings) {
    JsonObject row;
    row.Text("finding", finding);
    findings.push_back(row.Take());
  }
  JsonObject json;
  json.Number("position", result.position.value).Number("errors", result.errors);
  json.Raw("findings", JsonArray(findings));
  return json.Take();
}

absl::StatusOr<ExitCode> VerifyLog(Session& session, const VerifyFlags&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  std::unique_ptr<Progress> bar;
  const auto tell = [&](const client::Verification& now) {
    if (session.settings().quiet) return;
    if (bar == nullptr) {
      bar = std::make_unique<Progress>(session.err(), session.surroundings().err_is_terminal,
                                       now.head.value, session.clock());
    }
    bar->Update(now.position.value, now.position.value);
  };
  const absl::StatusOr<client::Verification> result = client->VerifyLog(tell);
  if (bar != nullptr) bar->End();
  if (!result.ok()) return result.status();
  std::vector<std::pair<std::string, std::string>> fields = {
      {"positions read", absl::StrCat(result->position.value)},
      {"errors", absl::StrCat(result->errors)}};
  for (const std::string& finding : result->findings) fields.emplace_back("found", finding);
  PrintObject(session.out(), session.style(), fields, VerificationJson(*result));
  return result->errors == 0 ? ExitCode::kOk : ExitCode::kDamaged;
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "verify", "Let the server read its whole log and check it; exit code 9 if it is damaged");
  OnChosen(command, chosen, std::make_shared<VerifyFlags>(), VerifyLog);
}

}  // namespace nexus::cli
