// nexusctl script test

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/case_report.h"
#include "cli/commands.h"
#include "cli/gate_report.h"
#include "cli/local_domain.h"
#include "cli/script_case_run.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ScriptTestOptions {
  std::string folder;
  uint64_t call_time_ms = 50;
  GateOptions gate;
};

absl::StatusOr<ExitCode> TestScripts(Session& session, const ScriptTestOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckGateOptions(options.gate));
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<LocalDomain> local,
                         LocalDomain::Read(options.folder));
  script::CallLimits limits;
  limits.time_max = absl::Milliseconds(static_cast<int64_t>(options.call_time_ms));
  NEXUS_ASSIGN_OR_RETURN(const CaseRun run, RunCases(options.folder, *local, limits));
  // Tests that are not there must not pass.
  if (run.files.empty()) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat(options.folder, " holds no cases: no YAML or JSON in tests/"));
  }
  FindingReport report;
  report.check = "script test";
  for (const DomainFault& fault : local->faults()) {
    report.findings.push_back(ToReported(fault, options.folder));
  }
  AddCases(run, options.folder, report);
  for (const std::string& untried : run.untried) {
    session.Note(absl::StrCat("note: no case is about ", untried));
  }
  const auto passed = std::count_if(run.results.begin(), run.results.end(),
                                    [](const auto& result) { return !result.failure.has_value(); });
  session.Note(absl::StrCat(run.results.size(), run.results.size() == 1 ? " case, " : " cases, ",
                            passed, " passed"));
  return DeliverGateReport(session, options.gate, std::move(report));
}

}  // namespace

void AddScriptCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* script = app.add_subcommand("script", "The code of domains");
  script->require_subcommand(1);
  auto options = std::make_shared<ScriptTestOptions>();
  CLI::App* test = script->add_subcommand(
      "test", "Run the cases that stand in a domain's tests/; exit code 100 if one fails");
  test->add_option("DIR", options->folder, "Folder of the domain")->required();
  test->add_option("--call-time-ms", options->call_time_ms,
                   "What one call may take, as command.call_time_ms of the server")
      ->check(CLI::Range(uint64_t{1}, uint64_t{60'000}))
      ->type_name("N");
  AddGateOptions(test, options->gate);
  OnChosen(test, chosen, options, TestScripts, Reach::kLocal);
}

}  // namespace nexus::cli
