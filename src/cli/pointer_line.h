#pragma once

// Where in a JSON text something stands.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::cli {

// The line, from 1, of what the JSON pointer leads to, or of the last of its parts that is there.
// 0: the text is no JSON.
uint64_t LineOfPointer(const std::string& json, absl::string_view pointer);

}  // namespace nexus::cli
