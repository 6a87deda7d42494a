#pragma once

// The items of a JSON array as they stand in its text.

#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::command {

// `text` is well-formed JSON of an array without white space between its items, as an engine's
// stringify writes it; anything else gives some items or none, and reads beyond nothing. Views into
// `text`.
std::vector<absl::string_view> RawItems(absl::string_view text);

}  // namespace nexus::command
