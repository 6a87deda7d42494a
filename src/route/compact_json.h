#pragma once

// One JSON document on one line, without the white space that carries no meaning.

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::route {

// `json` without white space between its tokens; numbers and strings byte for byte as they were.
// Nothing if it is not one well-formed document (RFC 8259) or nests deeper than 256 levels. Does
// not check UTF-8.
std::optional<std::string> CompactJson(absl::string_view json);

}  // namespace nexus::route
