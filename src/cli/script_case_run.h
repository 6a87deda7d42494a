#pragma once

// Runs the cases of a domain's folder, by the engine and the code that the server runs.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/local_domain.h"
#include "cli/script_case.h"
#include "script/script_engine.h"

namespace nexus::cli {

// What became of one case.
struct CaseResult {
  std::string file;  // in the folder
  std::string subject;
  std::string name;
  uint64_t line = 0;
  std::optional<std::string> failure;  // nothing: it passed
  std::string expected;                // both: of what differs, if something does
  std::string actual;
};

struct CaseRun {
  std::vector<std::string> files;   // that hold cases, in the folder
  std::vector<DomainFault> faults;  // of the files themselves
  std::vector<CaseResult> results;
  std::vector<std::string> untried;  // "Upcaster NAME": declared, and no case is about it
};

// Every `tests/**/*.yaml`, `.yml` and `.json` of the folder. Each case has a module of its own, so
// that none sees what another left behind. An error: a file cannot be read.
absl::StatusOr<CaseRun> RunCases(const std::string& folder, LocalDomain& local,
                                 const script::CallLimits& limits);

}  // namespace nexus::cli
