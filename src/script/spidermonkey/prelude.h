#pragma once

// The script that makes a global object deterministic, before any other code runs in its realm.

#include "absl/strings/string_view.h"

namespace nexus::script {

extern const absl::string_view kPrelude;

}  // namespace nexus::script
