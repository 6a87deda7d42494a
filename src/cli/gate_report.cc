#include "cli/gate_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct Outlet {
  ReportFormat format = ReportFormat::kText;
  std::string file;  // empty: standard output
};

absl::StatusOr<std::vector<Outlet>> OutletsOf(const GateOptions& options) {
  std::vector<Outlet> outlets;
  int on_output = 0;
  for (const std::string& text : options.formats) {
    const size_t equals = text.find('=');
    Outlet outlet;
    NEXUS_ASSIGN_OR_RETURN(outlet.format, ParseReportFormat(text.substr(0, equals), "--format"));
    if (equals != std::string::npos) outlet.file = text.substr(equals + 1);
    if (equals != std::string::npos && outlet.file.empty()) {
      return UsageError(absl::StrCat("--format names no file in \"", text, "\""));
    }
    if (outlet.file.empty() && ++on_output > 1) {
      return UsageError("standard output has room for one --format; give the others a =FILE");
    }
    outlets.push_back(std::move(outlet));
  }
  // Whoever only wants files still sees in the log of a pipeline what was found.
  if (on_output == 0) outlets.push_back({});
  return outlets;
}

}  // namespace

void AddGateOptions(CLI::App* command, GateOptions& options) {
  command
      ->add_option("--format", options.formats,
                   "text, json, sarif or junit; several with files: --format sarif=FILE")
      ->type_name("FORMAT[=FILE]");
  command->add_flag("--strict", options.strict, "Warnings are errors");
}

absl::Status CheckGateOptions(const GateOptions& options) { return OutletsOf(options).status(); }

absl::StatusOr<ExitCode> DeliverGateReport(Session& session, const GateOptions& options,
                                           FindingReport report) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Outlet> outlets, OutletsOf(options));
  for (ReportedFinding& finding : report.findings) {
    if (options.strict && finding.level == "warning") finding.level = "error";
  }
  for (const Outlet& outlet : outlets) {
    const std::string text = ReportAs(outlet.format, report);
    if (outlet.file.empty()) {
      session.out() << text << std::flush;
    } else {
      NEXUS_RETURN_IF_ERROR(WriteFile(outlet.file, text));
    }
  }
  const auto errors =
      std::count_if(report.findings.begin(), report.findings.end(),
                    [](const ReportedFinding& finding) { return finding.level == "error"; });
  const size_t others = report.findings.size() - static_cast<size_t>(errors);
  session.Note(absl::StrCat(report.check, ": ", report.files.size(), " files, ", errors,
                            " errors, ", others, " warnings and notes"));
  return errors == 0 ? ExitCode::kOk : ExitCode::kFindings;
}

}  // namespace nexus::cli
