#pragma once

// Read: pages from the log, written one after another; while one leaves, the next is made.

#include "grpcpp/support/byte_buffer.h"
#include "rpc/call_context.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `request` is the bytes of a ReadRequest. `parts` must outlive the server.
void BeginRead(ServerCall& call, const ServiceParts& parts, const grpc::ByteBuffer& request);

}  // namespace nexus::rpc
