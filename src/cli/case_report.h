#pragma once

// What cases and the reading of a domain's folder have found, as a gate reports it.

#include <string>

#include "cli/finding_report.h"
#include "cli/script_case_run.h"

namespace nexus::cli {

// `folder` comes before the names of files.
ReportedFinding ToReported(const DomainFault& fault, const std::string& folder);

// Adds files, what is wrong with them, failed cases (CASE_FAILED) and those that passed.
void AddCases(const CaseRun& run, const std::string& folder, FindingReport& report);

}  // namespace nexus::cli
