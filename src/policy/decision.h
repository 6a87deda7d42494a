#pragma once

// Reads one decision of a policy: {"allow": true, "deny": [{"rule": ..., "message": ...}]}. Pure.

#include "absl/status/statusor.h"
#include "nexus/port/policy_decider.h"
#include "simdjson.h"

namespace nexus::policy {

// Without a revision. POLICY_UNAVAILABLE (malformed_answer) if it has another shape.
absl::StatusOr<PolicyAnswer> ReadDecision(simdjson::dom::element decision);

}  // namespace nexus::policy
