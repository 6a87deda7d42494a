// nexusctl check: policies compile, load, and pass their tests.

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/folder_check.h"
#include "cli/graph_report.h"
#include "cli/local_policy.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/opa_output.h"
#include "policy/opa/opa_program.h"
#include "policy/shipped/load_policies.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

ReportedFinding PolicyFinding(absl::string_view rule, std::string message, std::string file,
                              uint64_t line) {
  ReportedFinding finding;
  finding.rule = std::string(rule);
  finding.message = std::move(message);
  finding.file = std::move(file);
  finding.line = line;
  return finding;
}

// The path of `opa`, made one below the folder.
std::string Place(const std::string& folder, absl::string_view path) {
  absl::ConsumePrefix(&path, "./");
  return Below(folder, std::string(path));
}

// What OPA says of modules that do not compile: "a.rego:2: rego_parse_error: unexpected ...".
void AddErrors(const std::string& folder, absl::string_view said, CheckResult& result) {
  const size_t before = result.findings.size();
  for (const absl::string_view line : absl::StrSplit(said, '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    const size_t colon = parts[0].rfind(':');
    uint64_t number = 0;
    if (parts.size() != 2 || colon == std::string::npos ||
        !absl::SimpleAtoi(parts[0].substr(colon + 1), &number)) {
      continue;
    }
    result.findings.push_back(PolicyFinding("POLICY_INVALID", parts[1],
                                            Place(folder, parts[0].substr(0, colon)), number));
  }
  if (result.findings.size() > before) return;
  result.findings.push_back(PolicyFinding("POLICY_INVALID", std::string(said), folder, 0));
}

// Empty if there is none.
std::string TextIn(simdjson::simdjson_result<simdjson::dom::element> member) {
  std::string_view text;
  return member.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

// What `opa test -f json` prints. False: it is none.
bool AddTests(const std::string& folder, const std::string& said, CheckResult& result) {
  simdjson::dom::parser parser;
  simdjson::dom::array tests;
  if (parser.parse(said).get(tests) != simdjson::SUCCESS) return false;
  if (tests.size() == 0) {
    ReportedFinding none = PolicyFinding("NO_POLICY_TESTS", "no test is in the folder", folder, 0);
    none.level = "warning";
    none.fix = "add rules that begin with test_ to a file that ends in _test.rego";
    result.findings.push_back(std::move(none));
  }
  for (const simdjson::dom::element test : tests) {
    bool failed = false;
    const bool has_error = test["error"].error() == simdjson::SUCCESS;
    if (test["fail"].get(failed) != simdjson::SUCCESS) failed = false;
    if (!failed && !has_error) continue;
    const std::string file = TextIn(test["location"]["file"]);
    const std::string name = TextIn(test["name"]);
    uint64_t row = 0;
    if (test["location"]["row"].get(row) != simdjson::SUCCESS) row = 0;
    ReportedFinding finding = PolicyFinding(
        "POLICY_TEST_FAILED", absl::StrCat(name, has_error ? " ended with an error" : " failed"),
        Place(folder, file), row);
    finding.path = absl::StrCat(TextIn(test["package"]), ".", name);
    result.findings.push_back(std::move(finding));
  }
  return true;
}

class PolicyCheck final : public FolderCheck {
 public:
  absl::string_view name() const override { return "policies"; }
  absl::string_view looks_at() const override { return "policies/"; }

  absl::Status Run(Session&, const CheckRequest& request, CheckResult& result) override {
    const std::string folder = Below(request.folder, "policies");
    const size_t before = result.files.size();
    NEXUS_RETURN_IF_ERROR(AddFiles(folder, result));
    if (result.files.size() == before) return absl::OkStatus();
    const absl::StatusOr<std::string> opa = policy::FindOpa(request.opa);
    if (!opa.ok()) return WithoutOpa(request, folder, opa.status(), result);
    NEXUS_ASSIGN_OR_RETURN(const policy::OpaEnd end,
                           policy::RunOpaToTheEnd({*opa, {"test", "-f", "json", "."}, folder}));
    // One fault in a module is a fault of all tests.
    if (!AddTests(folder, end.output, result)) {
      AddErrors(folder, end.output, result);
      return absl::OkStatus();
    }
    return Compile(folder, *opa, result);
  }

 private:
  static absl::Status AddFiles(const std::string& folder, CheckResult& result) {
    std::error_code error;
    if (!fs::exists(folder, error)) return absl::OkStatus();
    std::vector<std::string> files;
    fs::recursive_directory_iterator at(folder, error);
    for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
      if (at->path().extension() == ".rego") files.push_back(at->path().generic_string());
    }
    if (error) {
      return MakeError(ErrorReason::kInternal,
                       absl::StrCat("cannot read ", folder, ": ", error.message()));
    }
    std::sort(files.begin(), files.end());
    result.files.insert(result.files.end(), files.begin(), files.end());
    return absl::OkStatus();
  }

  static absl::Status WithoutOpa(const CheckRequest& request, const std::string& folder,
                                 const absl::Status& why, CheckResult& result) {
    if (request.require_opa) return why;
    const std::string message = "the program opa is not installed: no policy was looked at";
    ReportedFinding finding = PolicyFinding("POLICIES_NOT_CHECKED", message, folder, 0);
    finding.level = "note";
    finding.fix = "install opa; --require-opa makes its absence an error";
    result.findings.push_back(std::move(finding));
    return absl::OkStatus();
  }

  // As the server would take it.
  static absl::Status Compile(const std::string& folder, const std::string& opa,
                              CheckResult& result) {
    const auto bundle = policy::LoadPolicies(folder, opa);
    const absl::Status fault = bundle.ok() ? CheckPolicies(*bundle).status() : bundle.status();
    if (fault.ok()) return fault;
    if (ReasonOf(fault) != ErrorReason::kConfigurationInvalid) return fault;
    result.findings.push_back(
        PolicyFinding("POLICY_NOT_LOADABLE", std::string(fault.message()), folder, 0));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<FolderCheck> NewPolicyCheck() { return std::make_unique<PolicyCheck>(); }

}  // namespace nexus::cli
