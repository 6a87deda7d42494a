#pragma once

// RebuildIndex: begins it, and tells now and then how far it has come.

#include "grpcpp/support/server_callback.h"
#include "nexus/admin/v1/admin.pb.h"
#include "rpc/admin_service.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// Owns itself; gone after OnDone and the look under way. `control` must outlive the server.
grpc::ServerWriteReactor<admin::v1::RebuildIndexResponse>* NewRebuildReactor(
    grpc::CallbackServerContext* context, const ServiceParts& parts, const IndexControl& control);

}  // namespace nexus::rpc
