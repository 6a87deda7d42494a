#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tidy/finding.h"

namespace nexus::tidy {

struct FunctionExtent {
  std::string name;  // as much of the declarator as stands before its '('
  int first_line = 0;
  int lines = 0;  // from the declaration to the closing brace, both counted
};

// Every function that has a body, in order. Lambdas count as part of what they stand in.
std::vector<FunctionExtent> FindFunctions(absl::string_view text);

Findings CheckFunctionLengths(const std::string& file, absl::string_view text, int lines_max);

}  // namespace nexus::tidy
