#pragma once

// RebuildIndex: begins it, and tells now and then how far it has come.

#include "rpc/admin_service.h"
#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `parts` and `control` must outlive the server.
void BeginRebuild(ServerCall& call, const ServiceParts& parts, const IndexControl& control);

}  // namespace nexus::rpc
