#include "cli/finding_report.h"

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace nexus::cli {

absl::StatusOr<ReportFormat> ParseReportFormat(const std::string& name) {
  if (name == "text") return ReportFormat::kText;
  if (name == "sarif") return ReportFormat::kSarif;
  if (name == "junit") return ReportFormat::kJunit;
  return UsageError(absl::StrCat("--report is text, sarif or junit, not \"", name, "\""));
}

std::string ReportAs(ReportFormat format, const FindingReport& report) {
  switch (format) {
    case ReportFormat::kSarif:
      return SarifReport(report);
    case ReportFormat::kJunit:
      return JunitReport(report);
    case ReportFormat::kText:
      break;
  }
  return TextReport(report);
}

std::string TextReport(const FindingReport& report) {
  std::string text;
  for (const ReportedFinding& finding : report.findings) {
    absl::StrAppend(&text, Printable(finding.file));
    if (finding.line > 0) absl::StrAppend(&text, ":", finding.line);
    absl::StrAppend(&text, ": ", finding.level, ": ", Printable(finding.rule));
    if (!finding.path.empty()) absl::StrAppend(&text, " at ", Printable(finding.path));
    absl::StrAppend(&text, ": ", Printable(finding.message), "\n");
  }
  return text;
}

}  // namespace nexus::cli
