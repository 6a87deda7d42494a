#include "rpc/call_context.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/trace_context.h"

namespace nexus::rpc {
namespace {

absl::string_view Metadata(const grpc::ServerContextBase& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

}  // namespace

absl::StatusOr<engine::Caller> CallerOf(const grpc::ServerContextBase& context,
                                        const ServiceParts& parts, absl::Duration default_timeout) {
  engine::Caller caller;
  NEXUS_ASSIGN_OR_RETURN(caller.principal,
                         parts.tokens.Authenticate(Metadata(context, "authorization")));
  caller.correlation_id = std::string(Metadata(context, "x-correlation-id"));
  caller.traceparent = std::string(Metadata(context, "traceparent"));
  caller.tracestate = std::string(Metadata(context, "tracestate"));
  if (!caller.traceparent.empty()) {
    NEXUS_RETURN_IF_ERROR(CheckTraceparent(caller.traceparent));
    NEXUS_RETURN_IF_ERROR(CheckTracestate(caller.tracestate));
  }

  // gRPC's deadline is a wall-clock point; what is left of it is what counts here.
  absl::Duration left = default_timeout;
  if (const auto deadline = context.deadline(); deadline != deadline.max()) {
    const absl::Time now = absl::FromUnixMicros(parts.engine.clock().Now().micros);
    const absl::Duration stated = absl::FromChrono(deadline) - now;
    if (stated < absl::Hours(24 * 365)) left = stated;
  }
  caller.deadline = parts.engine.clock().Monotonic() + left;
  return caller;
}

engine::Caller CallerOfCommit(const engine::Caller& call, const Clock& clock) {
  engine::Caller caller = call;
  caller.deadline = std::min(call.deadline, clock.Monotonic() + kDefaultTimeout);
  return caller;
}

}  // namespace nexus::rpc
