#pragma once

// Compiles a folder of Rego to a bundle that the embedded engine runs, by the program `opa`.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// The archive: policy.wasm with the entrypoint nexus/<operation>/decision of every operation that
// the folder decides, data.json, the sources, and a manifest that says which members of the input
// each decision can depend on. The same folder and `opa` give the same bytes. `opa` is the path of
// the program. CONFIGURATION_INVALID, with what OPA said. Takes some tenths of a second; blocks.
absl::StatusOr<std::string> BuildBundle(const std::string& folder, const std::string& opa);

}  // namespace nexus::policy
