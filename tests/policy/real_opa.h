#pragma once

// The real program `opa`. Where it is missing a test is skipped, in CI it fails.

#include <cstdlib>
#include <string>

#include "fake/requirement.h"
#include "gtest/gtest.h"
#include "policy/opa/opa_program.h"

namespace nexus::policy {

// For the SetUp() of a fixture; what follows looks at IsSkipped().
inline void RequireOpa() {
  fake::Require(FindOpa("").ok(), "opa is missing: scripts/install test");
}

inline std::string PolicySources() {
  const char* source = std::getenv("NEXUS_SOURCE_DIR");
  return std::string(source == nullptr ? "." : source);
}

}  // namespace nexus::policy
