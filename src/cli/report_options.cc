#include "cli/report_options.h"

#include "cli/files.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {

void AddReportOptions(CLI::App* command, ReportOptions& options) {
  command->add_option("--report", options.format, "text, json, sarif or junit; default text")
      ->type_name("REPORT");
  command->add_option("--report-file", options.file, "Gets the report; default standard output")
      ->type_name("FILE");
}

absl::Status CheckReportOptions(const ReportOptions& options) {
  return ParseReportFormat(options.format).status();
}

bool ReportTakesOutput(const ReportOptions& options) {
  return options.file.empty() && options.format != "text";
}

absl::Status DeliverReport(Session& session, const ReportOptions& options,
                           const FindingReport& report) {
  NEXUS_ASSIGN_OR_RETURN(const ReportFormat format, ParseReportFormat(options.format));
  if (!options.file.empty()) return WriteFile(options.file, ReportAs(format, report));
  if (format != ReportFormat::kText) session.out() << ReportAs(format, report) << std::flush;
  return absl::OkStatus();
}

}  // namespace nexus::cli
