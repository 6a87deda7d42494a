// nexusctl check

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/compatibility_options.h"
#include "cli/folder_check.h"
#include "cli/gate_report.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct CheckOptions {
  CheckRequest request;
  RuleOptions rules;
  std::vector<std::string> only;
  GateOptions gate;
};

using Checks = std::vector<std::unique_ptr<FolderCheck>>;

absl::StatusOr<Checks> ChecksOf(const CheckOptions& options) {
  Checks checks = AllFolderChecks();
  std::vector<absl::string_view> names;
  for (const auto& check : checks) names.push_back(check->name());
  for (const std::string& name : options.only) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return UsageError(
        absl::StrCat("--only is one of ", absl::StrJoin(names, ", "), ", not \"", name, "\""));
  }
  std::erase_if(checks, [&](const std::unique_ptr<FolderCheck>& check) {
    return !options.only.empty() &&
           std::find(options.only.begin(), options.only.end(), check->name()) == options.only.end();
  });
  return checks;
}

// A gate that looked at nothing must not say that all is well.
absl::Status NothingThere(const std::string& folder, const Checks& checks) {
  std::vector<absl::string_view> places;
  for (const auto& check : checks) places.push_back(check->looks_at());
  return MakeError(
      ErrorReason::kNotFound,
      absl::StrCat(folder, " holds nothing to check: neither of ", absl::StrJoin(places, ", ")));
}

absl::StatusOr<ExitCode> CheckFolder(Session& session, const CheckOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckGateOptions(options.gate));
  NEXUS_ASSIGN_OR_RETURN(const Checks checks, ChecksOf(options));
  CheckRequest request = options.request;
  NEXUS_RETURN_IF_ERROR(ReadRules(options.rules, request.rules));
  std::error_code error;
  if (!std::filesystem::is_directory(request.folder, error)) {
    return MakeError(ErrorReason::kNotFound, absl::StrCat(request.folder, " is no folder"));
  }
  CheckResult result;
  for (const auto& check : checks) {
    NEXUS_RETURN_IF_ERROR(check->Run(session, request, result));
  }
  // What is gone may have been all there was.
  if (result.files.empty() && result.findings.empty()) return NothingThere(request.folder, checks);
  for (const std::string& note : result.notes) session.Note(absl::StrCat("note: ", note));
  return DeliverGateReport(
      session, options.gate,
      {"check", std::move(result.files), std::move(result.findings), std::move(result.passed)});
}

}  // namespace

Checks AllFolderChecks() {
  Checks checks;
  checks.push_back(NewSchemaCheck());
  checks.push_back(NewPolicyCheck());
  checks.push_back(NewGraphCheck());
  checks.push_back(NewDomainCheck());
  return checks;
}

void AddCheckCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CheckRequest& request = options->request;
  CLI::App* command = app.add_subcommand(
      "check",
      "Schemas, policies, domains and the service graph of a folder; exit code 100 on a finding");
  command
      ->add_option("DIR", request.folder,
                   "With schemas/, policies/, asyncapi.yaml, graph.yaml, domain.yaml, domains/")
      ->required();
  CLI::Option* against =
      command->add_option("--against", request.against, "Another such folder, as it was before")
          ->type_name("DIR");
  CLI::Option* git = command
                         ->add_option("--against-git", request.against_git,
                                      "A revision of git that has the folder as it was before")
                         ->type_name("REVISION")
                         ->excludes(against);
  command->add_flag("--registered", request.registered, "Compare schemas with those of the server")
      ->excludes(against)
      ->excludes(git);
  command->add_option("--only", options->only, "schemas, policies, graph or domains; repeatable")
      ->type_name("CHECK");
  AddRuleOptions(command, options->rules);
  command->add_option("--opa", request.opa, "The program OPA; looked for in PATH")
      ->type_name("PROGRAM");
  command->add_flag("--require-opa", request.require_opa, "An error if OPA is not installed");
  AddGateOptions(command, options->gate);
  OnChosenReaching(command, chosen, options, CheckFolder, [](const CheckOptions& given) {
    return given.request.registered ? Reach::kServer : Reach::kLocal;
  });
}

}  // namespace nexus::cli
