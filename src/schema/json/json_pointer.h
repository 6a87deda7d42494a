#pragma once

// JSON pointers (RFC 6901) as text.

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// Appends "/" and the escaped token: '~' becomes "~0", '/' becomes "~1".
void AppendPointerToken(std::string& pointer, absl::string_view token);

// The same for a std::string_view, which is what the parser gives out.
inline void AppendPointerToken(std::string& pointer, std::string_view token) {
  AppendPointerToken(pointer, absl::string_view(token.data(), token.size()));
}

// Whether `pointer` is empty or begins with '/', and every '~' begins an escape.
bool IsJsonPointer(absl::string_view pointer);

}  // namespace nexus::schema
