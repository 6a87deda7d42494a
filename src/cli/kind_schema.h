#pragma once

// The JSON Schemas of what stands in a domain's folder: of declarations, by their kind, and of
// cases.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

// "Domain", "Schema" and so on.
std::vector<std::string> KindsWithSchema();

// Empty: there is none of that name, whatever its letters are written like.
absl::string_view KindSchema(absl::string_view kind);

}  // namespace nexus::cli
