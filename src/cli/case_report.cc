#include "cli/case_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/graph_report.h"

namespace nexus::cli {

ReportedFinding ToReported(const DomainFault& fault, const std::string& folder) {
  ReportedFinding finding;
  finding.rule = fault.rule;
  finding.level = fault.level;
  finding.message = fault.message;
  finding.file = Below(folder, fault.file);
  finding.line = fault.line;
  finding.path = fault.pointer;
  return finding;
}

void AddCases(const CaseRun& run, const std::string& folder, FindingReport& report) {
  for (const std::string& file : run.files) report.files.push_back(Below(folder, file));
  for (const DomainFault& fault : run.faults) report.findings.push_back(ToReported(fault, folder));
  for (const CaseResult& result : run.results) {
    const std::string name = absl::StrCat(result.subject, ": ", result.name);
    if (!result.failure.has_value()) {
      report.passed.push_back({Below(folder, result.file), name});
      continue;
    }
    ReportedFinding finding;
    finding.rule = "CASE_FAILED";
    finding.message = absl::StrCat(name, ": ", *result.failure);
    finding.file = Below(folder, result.file);
    finding.line = result.line;
    finding.old_value = result.expected;
    finding.new_value = result.actual;
    finding.test = name;
    report.findings.push_back(std::move(finding));
  }
}

}  // namespace nexus::cli
