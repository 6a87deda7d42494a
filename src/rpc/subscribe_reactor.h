#pragma once

// Subscribe: pulls from a subscription and writes; the next is pulled when the last has left, so
// that a slow reader slows itself and costs one batch.

#include "grpcpp/support/server_callback.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// Owns itself; gone after OnDone and the step under way.
grpc::ServerWriteReactor<v1::SubscribeResponse>* NewSubscribeReactor(
    grpc::CallbackServerContext* context, const ServiceParts& parts,
    const v1::SubscribeRequest& request);

}  // namespace nexus::rpc
