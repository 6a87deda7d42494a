#pragma once

// Policies without a server: compiled by an installed `opa`, decided by the embedded engine.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/port/policy_decider.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::cli {

// The bundle at `path` - packed, unpacked, or sources, which are compiled - or the policies that
// ship if it is empty. CONFIGURATION_INVALID. `opa` as policy.opa.program of the server.
absl::StatusOr<policy::WasmBundle> LoadPolicies(const std::string& path, const std::string& opa);

// The operations that a bundle decides. CONFIGURATION_INVALID if the embedded engine would refuse
// it.
absl::StatusOr<std::vector<std::string>> CheckPolicies(const policy::WasmBundle& bundle);

// POLICY_UNAVAILABLE as the server would say it. Without the server's limit of time.
absl::StatusOr<PolicyAnswer> DecideLocally(const policy::WasmBundle& bundle,
                                           const PolicyQuestion& question);

}  // namespace nexus::cli
