#pragma once

// Runs the program `opa` once and waits for what it says.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace nexus::policy {

struct OpaRun {
  std::string program;                             // path
  std::vector<std::string> arguments;              // without the program itself
  std::string folder;                              // where it runs; its HOME, too
  absl::Duration silence_max = absl::Seconds(60);  // without a word or its end
};

struct OpaEnd {
  std::string output;  // all that it wrote
  std::string how;     // "exit code 0"; "signal 9" too where it was silent for too long

  bool succeeded() const { return how == "exit code 0"; }
};

// Runs it to its end, whatever that is. INTERNAL if it cannot be started. Blocks.
absl::StatusOr<OpaEnd> RunOpaToTheEnd(const OpaRun& run);

// All that it wrote. CONFIGURATION_INVALID, with that, if it fails, is silent for too long or
// writes more than 64 MiB. Blocks.
absl::StatusOr<std::string> RunOpa(const OpaRun& run);

}  // namespace nexus::policy
