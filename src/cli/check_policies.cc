// nexusctl check: policies compile, load, and pass their tests; those of the server, and those of
// domains, which decide less.

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/domain_folder.h"
#include "cli/domain_policies.h"
#include "cli/folder_check.h"
#include "cli/graph_report.h"
#include "cli/local_policy.h"
#include "cli/opa_errors.h"
#include "domain/policy_declaration.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/bundle_build.h"
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

// What OPA says of modules that do not compile.
void AddErrors(const std::string& folder, absl::string_view said, CheckResult& result) {
  const std::vector<OpaError> errors = OpaErrorsIn(said);
  for (const OpaError& error : errors) {
    result.findings.push_back(
        PolicyFinding("POLICY_INVALID", error.message, Below(folder, error.file), error.line));
  }
  if (!errors.empty()) return;
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

// A folder of policies, and whose they are.
struct PolicyFolder {
  std::string path;
  // Of the declaration that makes them those of a domain; empty: the server's.
  std::string declared_in = {};
  uint64_t line = 0;

  bool is_of_domain() const { return !declared_in.empty(); }
};

// Those that the domains of `folder` declare, then its own policies/ if no domain has it. A domain
// that cannot be read is told of by the check of domains.
std::vector<PolicyFolder> PolicyFoldersIn(const std::string& folder) {
  std::vector<PolicyFolder> folders;
  for (const std::string& domain : DomainsIn(folder)) {
    const absl::StatusOr<DomainFolder> read = ReadDomainFolder(domain);
    if (!read.ok()) continue;
    const auto policies = PoliciesIn(*read);
    if (!policies.ok()) continue;
    for (const FolderPolicy& one : *policies) {
      folders.push_back({Below(domain, one.policy.folder), Below(domain, one.file), one.line});
    }
  }
  const std::string own = Below(folder, "policies");
  if (std::none_of(folders.begin(), folders.end(),
                   [&](const PolicyFolder& one) { return one.path == own; })) {
    folders.push_back({own});
  }
  return folders;
}

class PolicyCheck final : public FolderCheck {
 public:
  absl::string_view name() const override { return "policies"; }
  absl::string_view looks_at() const override { return "policies/"; }

  absl::Status Run(Session&, const CheckRequest& request, CheckResult& result) override {
    for (const PolicyFolder& folder : PolicyFoldersIn(request.folder)) {
      NEXUS_RETURN_IF_ERROR(CheckOne(request, folder, result));
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status CheckOne(const CheckRequest& request, const PolicyFolder& policies,
                               CheckResult& result) {
    const std::string& folder = policies.path;
    const size_t before = result.files.size();
    NEXUS_RETURN_IF_ERROR(AddFiles(folder, result));
    if (result.files.size() == before) {
      if (policies.is_of_domain()) AddLoadFault(policies, "no *.rego file is in it", result);
      return absl::OkStatus();
    }
    const absl::StatusOr<std::string> opa = policy::FindOpa(request.opa);
    if (!opa.ok()) return WithoutOpa(request, folder, opa.status(), result);
    NEXUS_ASSIGN_OR_RETURN(const policy::OpaEnd end,
                           policy::RunOpaToTheEnd({*opa, {"test", "-f", "json", "."}, folder}));
    // One fault in a module is a fault of all tests.
    if (!AddTests(folder, end.output, result)) {
      AddErrors(folder, end.output, result);
      return absl::OkStatus();
    }
    return Compile(policies, *opa, result);
  }

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

  static void AddLoadFault(const PolicyFolder& policies, absl::string_view message,
                           CheckResult& result) {
    result.findings.push_back(PolicyFinding(
        "POLICY_NOT_LOADABLE", std::string(message),
        policies.is_of_domain() ? policies.declared_in : policies.path, policies.line));
  }

  // As the server would take it.
  static absl::Status Compile(const PolicyFolder& policies, const std::string& opa,
                              CheckResult& result) {
    const auto bundle = policies.is_of_domain() ? BuildFolder(policies.path, opa)
                                                : policy::LoadPolicies(policies.path, opa);
    const auto operations = bundle.ok() ? CheckPolicies(*bundle)
                                        : absl::StatusOr<std::vector<std::string>>(bundle.status());
    if (operations.ok()) {
      if (policies.is_of_domain()) CheckOperations(policies, *operations, result);
      return absl::OkStatus();
    }
    if (ReasonOf(operations.status()) != ErrorReason::kConfigurationInvalid) {
      return operations.status();
    }
    // Tests do not see each fault: a variable that nothing binds, of a rule that none of them asks.
    const absl::string_view said = operations.status().message();
    if (!OpaErrorsIn(said).empty()) {
      AddErrors(policies.path, said, result);
    } else {
      AddLoadFault(policies, said, result);
    }
    return absl::OkStatus();
  }

  // What is in a domain is sources, whatever else lies beside them.
  static absl::StatusOr<policy::WasmBundle> BuildFolder(const std::string& folder,
                                                        const std::string& opa) {
    NEXUS_ASSIGN_OR_RETURN(const std::string archive, policy::BuildBundle(folder, opa));
    return policy::ParseWasmBundle(archive);
  }

  static void CheckOperations(const PolicyFolder& policies,
                              const std::vector<std::string>& operations, CheckResult& result) {
    constexpr auto& kKnown = domain::kPolicyOperations;
    for (const std::string& operation : operations) {
      if (std::find(kKnown.begin(), kKnown.end(), operation) != kKnown.end()) continue;
      result.findings.push_back(
          PolicyFinding("POLICY_OPERATION",
                        absl::StrCat("a domain's policies decide ", absl::StrJoin(kKnown, " and "),
                                     " alone; these decide ", operation, ", too"),
                        policies.declared_in, policies.line));
    }
  }
};

}  // namespace

std::unique_ptr<FolderCheck> NewPolicyCheck() { return std::make_unique<PolicyCheck>(); }

}  // namespace nexus::cli
