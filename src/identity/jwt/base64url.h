#pragma once

// Base64url without padding, as JOSE has it (RFC 7515, section 2). Strict: one text for each
// sequence of bytes, so that a token cannot be written in two ways.

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::identity {

// Nothing if `text` holds padding, white space, another character, or bits that mean nothing.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace nexus::identity
