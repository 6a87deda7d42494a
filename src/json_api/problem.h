#pragma once

// Errors as RFC 9457 has them: application/problem+json, with the reason and the details that a
// call of gRPC would give.
//
// Pure; thread-safe.

#include "absl/status/status.h"
#include "http/route.h"
#include "nexus/core/errors.h"

namespace nexus::json_api {

int HttpStatusOf(ErrorReason reason);

http::Response ProblemOf(const absl::Status& status);

}  // namespace nexus::json_api
