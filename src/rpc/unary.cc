#include "rpc/unary.h"

namespace nexus::rpc {

void EchoCorrelation(const engine::Caller& caller, ServerCall& call) {
  if (!caller.correlation_id.empty()) {
    call.AddTrailingMetadata("x-correlation-id", caller.correlation_id);
  }
  if (!caller.traceparent.empty()) call.AddTrailingMetadata("traceparent", caller.traceparent);
}

}  // namespace nexus::rpc
