#pragma once

// How a gate tells what it found: in several forms at once, and by its exit code.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/finding_report.h"
#include "cli/session.h"

namespace nexus::cli {

struct GateOptions {
  std::vector<std::string> formats;  // FORMAT or FORMAT=FILE; none: text
  bool strict = false;               // a warning is an error
};

void AddGateOptions(CLI::App* command, GateOptions& options);

// A mistake on the command line; to be asked before any work is done.
absl::Status CheckGateOptions(const GateOptions& options);

// Writes the report in every form that was asked for. kFindings if there is an error among them.
absl::StatusOr<ExitCode> DeliverGateReport(Session& session, const GateOptions& options,
                                           FindingReport report);

}  // namespace nexus::cli
