#pragma once

// Policies from wherever the configuration or a command line says they are.

#include <string>

#include "absl/status/statusor.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {

// The bundle at `path` - packed, unpacked, or sources, which are compiled - or the policies that
// ship if it is empty. CONFIGURATION_INVALID. `opa_program` as policy.opa.program; only sources
// need it.
absl::StatusOr<WasmBundle> LoadPolicies(const std::string& path, const std::string& opa_program);

}  // namespace nexus::policy
