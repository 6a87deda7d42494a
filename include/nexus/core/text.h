#pragma once

// Checks of text that comes from outside.

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace nexus {

// Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF), or nothing if all of `text` is.
std::optional<size_t> FindInvalidUtf8(absl::string_view text);

// Offset of the first control character (C0, DEL), or nothing.
std::optional<size_t> FindControlCharacter(absl::string_view text);

// True: printable ASCII alone, in which neither of the above finds anything. Quick: nearly all text
// is that.
bool IsPlainAscii(absl::string_view text);

}  // namespace nexus
