#pragma once

// The options that say in which form findings go where.

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/finding_report.h"
#include "cli/session.h"

namespace nexus::cli {

struct ReportOptions {
  std::string format = "text";
  std::string file;  // empty: standard output
};

void AddReportOptions(CLI::App* command, ReportOptions& options);

// A mistake on the command line; to be asked before any work is done.
absl::Status CheckReportOptions(const ReportOptions& options);

// Whether standard output is for the report, and the command's own words have no place there.
bool ReportTakesOutput(const ReportOptions& options);

// Writes the report where the options want one; `--report text` without a file wants none.
absl::Status DeliverReport(Session& session, const ReportOptions& options,
                           const FindingReport& report);

}  // namespace nexus::cli
