#pragma once

// Subscribe: pulls from a subscription and writes; the next is pulled when the last has left, so
// that a slow reader slows itself and costs one batch.

#include <memory>

#include "grpcpp/support/byte_buffer.h"
#include "rpc/call_context.h"
#include "rpc/encoded_pages.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// `request` is the bytes of a SubscribeRequest. `parts` must outlive the server.
void BeginSubscribe(ServerCall& call, const ServiceParts& parts, const grpc::ByteBuffer& request,
                    std::shared_ptr<EncodedPages> pages);

}  // namespace nexus::rpc
