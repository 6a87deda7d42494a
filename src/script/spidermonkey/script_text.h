#pragma once

// Strings of the engine as UTF-8 and the other way.

#include <jsapi.h>

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::script {

// Half a surrogate pair becomes U+FFFD. False with an exception pending if memory is short.
bool AppendUtf8(JSContext* context, JS::HandleString string, std::string& text);

// Null with an exception pending if memory is short or `text` is no UTF-8.
JSString* NewString(JSContext* context, absl::string_view text);

bool IsAscii(absl::string_view text);

// At most `bytes_max`, "..." included, and no half character.
std::string CutUtf8(std::string text, size_t bytes_max);

}  // namespace nexus::script
