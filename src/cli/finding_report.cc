#include "cli/finding_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "cli/output.h"

namespace nexus::cli {

absl::StatusOr<ReportFormat> ParseReportFormat(const std::string& name, const std::string& option) {
  if (name == "text") return ReportFormat::kText;
  if (name == "json") return ReportFormat::kJson;
  if (name == "sarif") return ReportFormat::kSarif;
  if (name == "junit") return ReportFormat::kJunit;
  return UsageError(absl::StrCat(option, " is text, json, sarif or junit, not \"", name, "\""));
}

std::string ReportAs(ReportFormat format, const FindingReport& report) {
  switch (format) {
    case ReportFormat::kJson:
      return JsonReport(report);
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

std::string JsonReport(const FindingReport& report) {
  std::vector<std::string> files;
  for (const std::string& file : report.files) files.push_back(JsonString(file));
  std::vector<std::string> findings;
  for (const ReportedFinding& finding : report.findings) {
    JsonObject row;
    row.Text("rule", finding.rule).Text("level", finding.level).Text("message", finding.message);
    row.Text("file", finding.file);
    if (finding.line > 0) row.Number("line", finding.line);
    const std::pair<const char*, const std::string*> texts[] = {{"test", &finding.test},
                                                                {"path", &finding.path},
                                                                {"old", &finding.old_value},
                                                                {"new", &finding.new_value},
                                                                {"fix", &finding.fix}};
    for (const auto& [name, text] : texts) {
      if (!text->empty()) row.Text(name, *text);
    }
    findings.push_back(row.Take());
  }
  JsonObject json;
  json.Text("check", report.check).Raw("files", JsonArray(files));
  json.Raw("findings", JsonArray(findings));
  std::vector<std::string> passed;
  for (const PassedTest& test : report.passed) {
    passed.push_back(JsonObject().Text("file", test.file).Text("test", test.name).Take());
  }
  if (!passed.empty()) json.Raw("passed", JsonArray(passed));
  return json.Take() + "\n";
}

}  // namespace nexus::cli
