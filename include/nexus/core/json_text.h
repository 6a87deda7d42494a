#pragma once

// Writing JSON strings. One place, since what is escaped where is easy to get wrong.

#include <string>

#include "absl/strings/string_view.h"

namespace nexus {

// Appends `text` as a JSON string with its quotes. Always well-formed: each byte that is not part
// of UTF-8 becomes U+FFFD, and control characters (DEL too, which terminals act on) are escaped.
void AppendJsonString(std::string& out, absl::string_view text);

// What stands between the quotes of that.
void AppendJsonEscaped(std::string& out, absl::string_view text);

std::string JsonString(absl::string_view text);

}  // namespace nexus
