#pragma once

// Every reason that an error can have, as proto/nexus/v1/errors.proto defines and explains it. The
// text of that file is built in, so that there is one place to write it.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

struct ReasonEntry {
  std::string name;  // "REVISION_CONFLICT"
  int number = 0;
  std::string code;  // canonical gRPC code
  bool retriable = false;
  std::string explanation;
};

// Reads the enum ErrorReason out of the text of errors.proto; without UNSPECIFIED.
std::vector<ReasonEntry> ParseReasons(absl::string_view proto);

// Those of this build.
std::vector<ReasonEntry> AllReasons();

}  // namespace nexus::cli
