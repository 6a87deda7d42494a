#pragma once

// Where the program `opa` says that modules are wrong. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

struct OpaError {
  std::string file;  // as opa names it, without "./"
  uint64_t line = 0;
  std::string message;

  friend bool operator==(const OpaError&, const OpaError&) = default;
};

// Of lines such as "1 error occurred: a.rego:2: rego_parse_error: unexpected eq token", each place
// and message once. Empty: there is no such line.
std::vector<OpaError> OpaErrorsIn(absl::string_view said);

}  // namespace nexus::cli
