#pragma once

// Writing text into XML 1.0.

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::cli {

// For an element or an attribute in double quotes. Always well-formed: what XML has no character
// for (control characters, U+FFFE, U+FFFF, bytes that are not part of UTF-8) becomes U+FFFD.
std::string XmlEscaped(absl::string_view text);

}  // namespace nexus::cli
