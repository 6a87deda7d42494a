#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::config {

// The option or section that was probably meant, or nothing ("") if none is near.
std::string NearestKey(absl::string_view unknown);

// "unknown key; did you mean policy.opa.address?"
std::string UnknownKeyMessage(absl::string_view unknown);

}  // namespace nexus::config
