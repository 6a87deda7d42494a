#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::tidy {

// The same text with comments and the insides of string and character literals turned into spaces;
// every line break and every column stays. Raw strings and digit separators are understood.
std::string BlankCommentsAndLiterals(absl::string_view text);

// The same with preprocessor directives turned into spaces, their continuation lines included.
std::string BlankDirectives(absl::string_view text);

}  // namespace nexus::tidy
