#pragma once

// Who asks over HTTP, as the engine knows callers. Thread-safe.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/draft.h"
#include "http/guard/guard.h"
#include "http/route.h"
#include "identity/operation.h"
#include "nexus/core/clock.h"

namespace nexus::json_api {

// Empty if there is none; `name` is in lower case.
std::string HeaderOf(const http::Request& request, const char* name);

// MALFORMED_REQUEST that names the header.
absl::Status WrongHeader(absl::string_view header, absl::string_view message);

// The caller, who may do `operation` on something, and waits no longer than `timeout`. As
// Guard::Admit(); MALFORMED_REQUEST for a broken trace context.
absl::StatusOr<engine::Caller> CallerOf(const http::Request& request, identity::Operation operation,
                                        absl::Duration timeout, const http::Guard& guard,
                                        const Clock& clock);

}  // namespace nexus::json_api
