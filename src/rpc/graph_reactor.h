#pragma once

// AdminService/GetServiceGraph: brings the graph up to the head, step by step on the workers, then
// sends it in parts.

#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `parts` must outlive the server.
void BeginServiceGraph(ServerCall& call, const ServiceParts& parts);

}  // namespace nexus::rpc
