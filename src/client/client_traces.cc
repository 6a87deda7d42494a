// Traces: the client's part.

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/trace.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {

absl::StatusOr<v1::TraceResponse> TraceClient::Trace(const v1::TraceRequest& request) {
  Client::Parts& parts = *client_.parts_;
  Call call(parts.calls, parts.options.token, parts.options.timeout);
  v1::TraceResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts.traces->Trace(call.context(), request, &response)));
  return response;
}

}  // namespace nexus::client
