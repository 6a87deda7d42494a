#pragma once

// AppendStream: many commits under way on one call, answered in the order of their arrival.

#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `parts` must outlive the server.
void BeginAppendStream(ServerCall& call, const ServiceParts& parts);

}  // namespace nexus::rpc
