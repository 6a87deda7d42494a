#pragma once

// Where the source tree is, for tests that read its pages and examples.

#include <cstdlib>

#include "fake/requirement.h"

namespace nexus::fake {

// Null, and the test is over, if nobody has said it: ctest does.
inline const char* SourceFolder() {
  const char* const folder = std::getenv("NEXUS_SOURCE_DIR");
  Require(folder != nullptr, "NEXUS_SOURCE_DIR is not set; run it by ctest");
  return folder;
}

}  // namespace nexus::fake
