#pragma once

// The real program `opa`. Where it is missing a test is skipped, in CI it fails.

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "policy/opa/opa_program.h"

namespace nexus::policy {

// For the SetUp() of a fixture.
inline void RequireOpa() {
  if (FindOpa("").ok()) return;
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string(ci) == "true") FAIL() << "opa is missing: scripts/install test";
  GTEST_SKIP() << "opa is missing: scripts/install test";
}

inline std::string PolicySources() {
  const char* source = std::getenv("NEXUS_SOURCE_DIR");
  return std::string(source == nullptr ? "." : source);
}

}  // namespace nexus::policy
