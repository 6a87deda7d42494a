#include "json_api/http_caller.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/trace_context.h"

namespace nexus::json_api {

std::string HeaderOf(const http::Request& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

absl::Status WrongHeader(absl::string_view header, absl::string_view message) {
  return MakeError(ErrorReason::kMalformedRequest, absl::StrCat(header, ": ", message));
}

absl::StatusOr<engine::Caller> CallerOf(const http::Request& request, identity::Operation operation,
                                        absl::Duration timeout, const http::Guard& guard,
                                        const Clock& clock) {
  NEXUS_ASSIGN_OR_RETURN(identity::Identity known,
                         guard.Admit(request, operation, http::OperationScope::kSomething));
  engine::Caller caller;
  caller.principal = std::move(known.principal);
  caller.address = std::move(known.address);
  caller.access = std::move(known.access);
  caller.peer = absl::StrCat("http:", request.host);
  caller.deadline = clock.Monotonic() + timeout;
  caller.traceparent = HeaderOf(request, "traceparent");
  if (caller.traceparent.empty()) return caller;
  if (absl::Status trace = CheckTraceparent(caller.traceparent); !trace.ok()) {
    return WrongHeader("traceparent", trace.message());
  }
  caller.tracestate = HeaderOf(request, "tracestate");
  if (absl::Status state = CheckTracestate(caller.tracestate); !state.ok()) {
    return WrongHeader("tracestate", state.message());
  }
  return caller;
}

}  // namespace nexus::json_api
