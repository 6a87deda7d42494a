#pragma once

// What the decisions of a plan can depend on. A plan is OPA's intermediate representation
// (`opa build -t plan`, https://www.openpolicyagent.org/docs/ir); its WebAssembly is made of the
// same, so what no statement of it reads, no evaluation does.
//
// Sound rather than sharp: a value that goes anywhere but into a look at one of its members counts
// as read whole, and what is not understood as all of the input. Pure; thread-safe.

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {

// By name of the entrypoint, "nexus/append/decision"; one that is missing may depend on all of its
// input: it uses `with`, calls by a computed name, or does something unknown.
// CONFIGURATION_INVALID if it is not a plan.
absl::StatusOr<std::map<std::string, InputReads>> ReadsOfPlan(absl::string_view plan_json);

}  // namespace nexus::policy
