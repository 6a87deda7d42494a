#pragma once

// AdminService/VerifyLog: one walk over the log, step by step on the workers.

#include <functional>
#include <memory>

#include "nexus/port/log_verification.h"
#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// Begins a walk; thread-safe.
using BeginVerification = std::function<std::unique_ptr<LogVerification>()>;

// `parts` must outlive the server.
void BeginVerify(ServerCall& call, const ServiceParts& parts, const BeginVerification& begin);

}  // namespace nexus::rpc
