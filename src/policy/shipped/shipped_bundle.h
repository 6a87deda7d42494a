#pragma once

// The policies that come with the program, compiled when it was built, so that nothing but the
// program is needed to run them.

#include "absl/strings/string_view.h"

namespace nexus::policy {

// The bundle of `policies/shipped/`, as `nexusctl policy build` writes it. Constant; thread-safe.
absl::string_view ShippedBundle();

}  // namespace nexus::policy
