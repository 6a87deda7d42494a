#pragma once

// Says where and why a text is not an acceptable JSON document. For error messages only: the fast
// parser knows that something is wrong but not where.

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::schema {

struct JsonFault {
  size_t offset = 0;   // of the first byte that does not fit
  std::string reason;  // "nests deeper than 64 levels", "a string is not closed", ...
};

// The first fault of `text`, or nothing if there is none. Uses no recursion and time linear in the
// text. Duplicate keys are not looked for.
std::optional<JsonFault> FindJsonFault(absl::string_view text, size_t depth_max);

}  // namespace nexus::schema
