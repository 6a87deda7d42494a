#pragma once

// Read: pages from the log, written one after another; while one leaves, the next is made.

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// `request` is the bytes of a ReadRequest. Owns itself; gone after OnDone and the step under way.
grpc::ServerWriteReactor<grpc::ByteBuffer>* NewReadReactor(grpc::CallbackServerContext* context,
                                                           const ServiceParts& parts,
                                                           const grpc::ByteBuffer& request);

}  // namespace nexus::rpc
