#pragma once

// The tests of a folder of policies, run by the program `opa`.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nexus::cli {

struct PolicyTest {
  std::string package;  // "data.nexus.append_test"
  std::string name;     // "test_good_commit_is_allowed"
  std::string file;     // within the folder
  uint64_t line = 0;
  bool passed = false;
  bool skipped = false;  // named todo_test_...
  std::string error;     // what OPA said, if it could not be run
};

// In OPA's order. CONFIGURATION_INVALID, with what OPA said, if the policies do not compile.
// `opa` is a path. Blocks.
absl::StatusOr<std::vector<PolicyTest>> RunPolicyTests(const std::string& folder,
                                                       const std::string& opa);

}  // namespace nexus::cli
