#pragma once

// How nexusctl ends. docs/reference/nexusctl.md lists the same numbers (a test compares them).

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::cli {

enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kViolation = 5,  // policy or schema
  kAuthentication = 6,
  kUnavailable = 7,  // or no answer in time
  kPartial = 8,
  kDamaged = 9,
  kFindings = 100,  // of a schema check
  kInterrupted = 130,
};

// A mistake on the command line: exit code 2.
absl::Status UsageError(absl::string_view message);
bool IsUsageError(const absl::Status& status);

ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace nexus::cli
