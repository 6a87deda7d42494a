#pragma once

// Reads JSON.

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::cli {

// `text` without its white space; nothing if it is not one JSON document.
std::optional<std::string> MinifiedJson(absl::string_view text);

}  // namespace nexus::cli
