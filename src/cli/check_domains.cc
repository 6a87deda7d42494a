// nexusctl check: a domain's declarations, schemas, code and cases.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/case_report.h"
#include "cli/folder_check.h"
#include "cli/graph_report.h"
#include "cli/local_domain.h"
#include "cli/script_case_run.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kDomainFile[] = "domain.yaml";
constexpr char kDomainsFolder[] = "domains";

// Another check may have looked at the same file: a domain's schemas stand in schemas/, too.
bool IsReported(const CheckResult& result, const ReportedFinding& finding) {
  return std::any_of(result.findings.begin(), result.findings.end(), [&](const auto& other) {
    return other.rule == finding.rule && other.file == finding.file && other.path == finding.path;
  });
}

void AddFile(const std::string& file, CheckResult& result) {
  if (std::find(result.files.begin(), result.files.end(), file) == result.files.end()) {
    result.files.push_back(file);
  }
}

class DomainCheck final : public FolderCheck {
 public:
  absl::string_view name() const override { return "domains"; }
  absl::string_view looks_at() const override { return "domain.yaml, domains/*/domain.yaml"; }

  absl::Status Run(Session&, const CheckRequest& request, CheckResult& result) override {
    for (const std::string& folder : DomainsIn(request.folder)) {
      NEXUS_RETURN_IF_ERROR(CheckOne(folder, result));
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status CheckOne(const std::string& folder, CheckResult& result) {
    NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<LocalDomain> local, LocalDomain::Read(folder));
    AddFile(Below(folder, kDomainFile), result);
    for (const DomainDeclaration& declaration : local->folder().declarations) {
      AddFile(Below(folder, declaration.file), result);
    }
    for (const DomainText& text : local->folder().files) AddFile(Below(folder, text.path), result);
    local->CheckCode();
    for (const DomainFault& fault : local->faults()) {
      ReportedFinding finding = ToReported(fault, folder);
      AddFile(finding.file, result);
      if (!IsReported(result, finding)) result.findings.push_back(std::move(finding));
    }
    NEXUS_ASSIGN_OR_RETURN(const CaseRun run, RunCases(folder, *local, {}));
    FindingReport report;
    AddCases(run, folder, report);
    for (std::string& file : report.files) result.files.push_back(std::move(file));
    for (ReportedFinding& one : report.findings) result.findings.push_back(std::move(one));
    for (PassedTest& test : report.passed) result.passed.push_back(std::move(test));
    for (const std::string& untried : run.untried) {
      result.notes.push_back(absl::StrCat(folder, ": no case is about ", untried));
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::vector<std::string> DomainsIn(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  if (fs::is_regular_file(fs::path(folder) / kDomainFile, error)) found.push_back(folder);
  fs::directory_iterator at(fs::path(folder) / kDomainsFolder, error);
  for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (fs::is_regular_file(at->path() / kDomainFile, ignored)) {
      found.push_back(
          Below(folder, absl::StrCat(kDomainsFolder, "/", at->path().filename().string())));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::unique_ptr<FolderCheck> NewDomainCheck() { return std::make_unique<DomainCheck>(); }

}  // namespace nexus::cli
