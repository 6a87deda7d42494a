#pragma once

// What a check has found, for the programs that show it beside a change: SARIF 2.1.0 and JUnit XML.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nexus::cli {

enum class ReportFormat { kText, kJson, kSarif, kJunit };

struct ReportedFinding {
  std::string rule;             // stable; never empty
  std::string level = "error";  // of SARIF: error, warning, note
  std::string message;          // one sentence
  std::string file;             // as the command line names it; "-" is standard input
  uint64_t line = 0;            // from 1; 0: the file as a whole
  std::string path;             // JSON pointer, or the path of an Avro or Protobuf schema
  std::string old_value;        // short; may be empty, as the rest
  std::string new_value;
  std::string fix;
  std::string test = {};  // the name of the test that failed, if it is one
};

// A test that was run and found nothing.
struct PassedTest {
  std::string file;
  std::string name;
};

struct FindingReport {
  std::string check;               // "schema compat"
  std::vector<std::string> files;  // all that were looked at
  std::vector<ReportedFinding> findings;
  std::vector<PassedTest> passed = {};
};

// "text", "json", "sarif" or "junit"; a usage error, which names `option`, for another word.
absl::StatusOr<ReportFormat> ParseReportFormat(const std::string& name,
                                               const std::string& option = "--report");

// The report as one document that ends in a new line. The same report gives the same bytes: no
// time, no machine.
std::string ReportAs(ReportFormat format, const FindingReport& report);

// One line a finding: `file:line: error: RULE at path: message`.
std::string TextReport(const FindingReport& report);
// One object: {"check", "files", "findings": [{"rule", "level", "message", "file", "line"?, ...}],
// "passed"?: [{"file", "test"}]}.
std::string JsonReport(const FindingReport& report);
std::string SarifReport(const FindingReport& report);
// A failed test for each error, a skipped one for what is less, one that passes for each that did,
// and one for each file of which there is nothing else to say.
std::string JunitReport(const FindingReport& report);

}  // namespace nexus::cli
