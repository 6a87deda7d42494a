// nexusctl policy test, ls: what the rules of a folder or a bundle are, and whether their tests
// pass.

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/policy_tests.h"
#include "cli/report_options.h"
#include "nexus/core/errors.h"
#include "nexus/core/rule_modes.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/opa_program.h"
#include "policy/shipped/load_policies.h"

namespace nexus::cli {
namespace {

struct TestOptions {
  std::string folder;
  std::string opa;
  ReportOptions report;
};

std::string Verdict(const PolicyTest& test) {
  if (test.skipped) return "skipped";
  return test.passed ? "passed" : "failed";
}

void ListTests(Session& session, const std::vector<PolicyTest>& tests) {
  Listing listing(session.out(), session.style(), {"result", "package", "test"});
  for (const PolicyTest& test : tests) {
    listing.Add(
        [&] {
          return std::vector<std::string>{Verdict(test), test.package, test.name};
        },
        [&] {
          JsonObject json;
          json.Text("result", Verdict(test)).Text("package", test.package);
          json.Text("test", test.name).Text("file", test.file).Number("line", test.line);
          json.Text("error", test.error);
          return json.Take();
        });
  }
  listing.End();
}

FindingReport ReportOf(const std::vector<PolicyTest>& tests, const std::string& folder) {
  FindingReport report;
  report.check = "policy test";
  std::set<std::string> files;
  for (const PolicyTest& test : tests) {
    const std::string file = absl::StrCat(folder, "/", test.file);
    files.insert(file);
    if (test.passed || test.skipped) continue;
    ReportedFinding finding;
    finding.rule = absl::StrCat(test.package, ".", test.name);
    finding.message = test.error.empty() ? "the test does not hold" : test.error;
    finding.file = file;
    finding.line = test.line;
    report.findings.push_back(std::move(finding));
  }
  report.files.assign(files.begin(), files.end());
  return report;
}

absl::StatusOr<ExitCode> TestPolicies(Session& session, const TestOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckReportOptions(options.report));
  NEXUS_ASSIGN_OR_RETURN(const std::string opa, policy::FindOpa(options.opa));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<PolicyTest> tests, RunPolicyTests(options.folder, opa));
  if (tests.empty()) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("there are no tests in ", options.folder));
  }
  if (!ReportTakesOutput(options.report)) ListTests(session, tests);
  const FindingReport report = ReportOf(tests, options.folder);
  NEXUS_RETURN_IF_ERROR(DeliverReport(session, options.report, report));
  session.Note(absl::StrCat(tests.size(), " tests, ", report.findings.size(), " failed"));
  return report.findings.empty() ? ExitCode::kOk : ExitCode::kFindings;
}

struct ListOptions {
  std::string bundle;
  std::string opa;
};

absl::StatusOr<ExitCode> ListRules(Session& session, const ListOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const policy::WasmBundle bundle,
                         policy::LoadPolicies(options.bundle, options.opa));
  Listing listing(session.out(), session.style(), {"operation", "rule", "mode", "share", "title"});
  for (const auto& [operation, rules] : bundle.rules) {
    for (const auto& [rule, text] : rules) {
      const RuleSetting* set = nullptr;
      if (bundle.modes != nullptr) set = bundle.modes->Find(operation, rule);
      const RuleSetting setting = set == nullptr ? RuleSetting() : *set;
      listing.Add(
          [&, &operation = operation, &rule = rule, &text = text] {
            return std::vector<std::string>{operation, rule,
                                            std::string(RuleModeName(setting.mode)),
                                            absl::StrCat(setting.share), text.title};
          },
          [&, &operation = operation, &rule = rule, &text = text] {
            JsonObject json;
            json.Text("operation", operation).Text("rule", rule);
            json.Text("mode", RuleModeName(setting.mode)).Real("share", setting.share);
            json.Text("title", text.title).Text("reason", text.reason);
            return json.Take();
          });
    }
  }
  listing.End();
  return ExitCode::kOk;
}

}  // namespace

void AddPolicyRuleCommands(CLI::App& policy, Chosen& chosen) {
  auto tested = std::make_shared<TestOptions>();
  CLI::App* test = policy.add_subcommand("test", "Runs the tests of a folder of Rego; needs opa");
  test->add_option("folder", tested->folder, "The folder of policies")->required();
  test->add_option("--opa", tested->opa, "The program OPA; looked for in PATH");
  AddReportOptions(test, tested->report);
  OnChosen(test, chosen, tested, TestPolicies, Reach::kLocal);

  auto listed = std::make_shared<ListOptions>();
  CLI::App* list = policy.add_subcommand("ls", "The rules that policies declare, and their modes");
  list->add_option("--bundle", listed->bundle,
                   "A bundle, or a folder of Rego, which needs opa; the policies that ship if it "
                   "is not given");
  list->add_option("--opa", listed->opa, "The program OPA; looked for in PATH");
  OnChosen(list, chosen, listed, ListRules, Reach::kLocal);
}

}  // namespace nexus::cli
