#pragma once

// Subscribe: pulls from a subscription and writes; the next is pulled when the last has left, so
// that a slow reader slows itself and costs one batch.

#include <memory>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/call_context.h"
#include "rpc/encoded_pages.h"

namespace nexus::rpc {

// `request` is the bytes of a SubscribeRequest. Owns itself; gone after OnDone and the step under
// way.
grpc::ServerWriteReactor<grpc::ByteBuffer>* NewSubscribeReactor(
    grpc::CallbackServerContext* context, const ServiceParts& parts,
    const grpc::ByteBuffer& request, std::shared_ptr<EncodedPages> pages);

}  // namespace nexus::rpc
