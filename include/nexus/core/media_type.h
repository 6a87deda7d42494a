#pragma once

// What kind of data a content type names.

#include "absl/strings/string_view.h"

namespace nexus {

// JSON: application/json, text/json, and all that end with "+json"; parameters do not matter.
bool IsJsonMediaType(absl::string_view content_type);

}  // namespace nexus
