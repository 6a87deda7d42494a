#pragma once

// What a test needs and a machine may lack: programs, modules, rights.

#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace nexus::fake {

// True if it is there. If not, the test is skipped with `what_is_missing`, and fails with it in CI,
// where everything has to be there; the caller returns:
//
//   if (!fake::Require(HasOpa(), "no opa: scripts/install test")) return;
inline bool Require(bool is_there, absl::string_view what_is_missing) {
  if (is_there) return true;
  const char* const ci = std::getenv("CI");
  const auto end = [&] {
    if (ci != nullptr && absl::string_view(ci) == "true") FAIL() << what_is_missing;
    GTEST_SKIP() << what_is_missing;
  };
  end();
  return false;
}

}  // namespace nexus::fake
