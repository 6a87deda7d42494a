#pragma once

// Handle: a worker's connection. What it reads goes to the decider, whose tasks it writes.

#include "command/command_runner.h"
#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `parts` and `runner` must outlive the server.
void BeginHandle(ServerCall& call, const ServiceParts& parts, command::CommandRunner& runner);

}  // namespace nexus::rpc
