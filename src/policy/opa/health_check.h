#pragma once

// Whether an OPA is up, with all its bundles active.

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "policy/opa/endpoint.h"

namespace nexus::policy {

// Asks GET /health?bundles once; blocks, at most about `timeout`. kUnavailable if nobody listens or
// answers in time, kFailedPrecondition if the answer is not 200.
absl::Status CheckHealth(const Endpoint& endpoint, absl::Duration timeout);

}  // namespace nexus::policy
