// JUnit XML, as its consumers read it: testsuites, testsuite, testcase, failure, skipped.

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "cli/finding_report.h"
#include "cli/xml_text.h"

namespace nexus::cli {
namespace {

std::string JunitAttribute(absl::string_view name, absl::string_view value) {
  return absl::StrCat(" ", name, "=\"", XmlEscaped(value), "\"");
}

std::string JunitBody(const ReportedFinding& finding) {
  std::string body = finding.message;
  if (!finding.path.empty()) absl::StrAppend(&body, "\nat: ", finding.path);
  if (!finding.old_value.empty()) absl::StrAppend(&body, "\nold: ", finding.old_value);
  if (!finding.new_value.empty()) absl::StrAppend(&body, "\nnew: ", finding.new_value);
  if (!finding.fix.empty()) absl::StrAppend(&body, "\nfix: ", finding.fix);
  return XmlEscaped(body);
}

bool IsError(const ReportedFinding& finding) { return finding.level == "error"; }

std::string JunitFailure(const std::string& check, const ReportedFinding& finding) {
  std::string name = finding.test.empty() ? finding.rule : finding.test;
  if (finding.test.empty()) {
    if (!finding.path.empty()) absl::StrAppend(&name, " at ", finding.path);
    if (finding.line > 0) absl::StrAppend(&name, ", line ", finding.line);
  }
  std::string text = absl::StrCat("    <testcase", JunitAttribute("classname", finding.file),
                                  JunitAttribute("name", absl::StrCat(check, ": ", name)),
                                  JunitAttribute("file", finding.file));
  if (finding.line > 0) absl::StrAppend(&text, " line=\"", finding.line, "\"");
  // A test that is skipped is shown and fails nothing.
  const std::string element =
      IsError(finding) ? absl::StrCat("failure", JunitAttribute("type", finding.rule)) : "skipped";
  absl::StrAppend(&text, " time=\"0\">\n      <", element,
                  JunitAttribute("message", finding.message), ">", JunitBody(finding), "</",
                  IsError(finding) ? "failure" : "skipped", ">\n    </testcase>\n");
  return text;
}

std::string JunitPass(const std::string& name, const std::string& file) {
  return absl::StrCat("    <testcase", JunitAttribute("classname", file),
                      JunitAttribute("name", name), JunitAttribute("file", file),
                      " time=\"0\"/>\n");
}

}  // namespace

std::string JunitReport(const FindingReport& report) {
  std::set<std::string> told;
  std::string cases;
  size_t tests = report.findings.size();
  for (const ReportedFinding& finding : report.findings) {
    told.insert(finding.file);
    cases += JunitFailure(report.check, finding);
  }
  for (const PassedTest& test : report.passed) {
    told.insert(test.file);
    ++tests;
    cases += JunitPass(absl::StrCat(report.check, ": ", test.name), test.file);
  }
  for (const std::string& file : report.files) {
    if (told.count(file) > 0) continue;
    ++tests;
    cases += JunitPass(report.check, file);
  }
  const auto failures = std::count_if(report.findings.begin(), report.findings.end(), IsError);
  const std::string counts =
      absl::StrCat(" name=\"nexusctl ", XmlEscaped(report.check), "\" tests=\"", tests,
                   "\" failures=\"", failures, "\" errors=\"0\" time=\"0\"");
  const size_t skipped = report.findings.size() - static_cast<size_t>(failures);
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", counts,
                      ">\n  <testsuite", counts, " skipped=\"", skipped, "\">\n", cases,
                      "  </testsuite>\n</testsuites>\n");
}

}  // namespace nexus::cli
