#pragma once

// JSON text as a value of the engine.

#include <jsapi.h>

#include "absl/strings/string_view.h"

namespace nexus::script {

// In the realm that is entered. Any name becomes a property of the object itself, "__proto__" too.
// False with an exception pending: it is no JSON, no UTF-8, or memory is short.
bool ReadJson(JSContext* context, absl::string_view text, JS::MutableHandleValue value);

}  // namespace nexus::script
