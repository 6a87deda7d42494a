#pragma once

// Reads JSON.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

// `text` without its white space; nothing if it is not one JSON document.
std::optional<std::string> MinifiedJson(absl::string_view text);

// A member of a JSON object that is text; empty if there is none.
std::string TextMember(absl::string_view json, const std::string& name);
// The texts in one that is a list; empty if there is none.
std::vector<std::string> TextListMember(absl::string_view json, const std::string& name);
// The text at a JSON pointer; empty if there is none.
std::string TextAt(absl::string_view json, const std::string& pointer);

}  // namespace nexus::cli
