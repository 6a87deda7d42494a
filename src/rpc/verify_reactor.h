#pragma once

// AdminService/VerifyLog: one walk over the log, step by step on the workers.

#include <functional>
#include <memory>

#include "grpcpp/support/server_callback.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/port/log_verification.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// Begins a walk; thread-safe.
using BeginVerification = std::function<std::unique_ptr<LogVerification>()>;

// Owned by gRPC. `parts` must outlive the server.
grpc::ServerWriteReactor<admin::v1::VerifyLogResponse>* NewVerifyReactor(
    grpc::CallbackServerContext* context, const ServiceParts& parts,
    const BeginVerification& begin);

}  // namespace nexus::rpc
