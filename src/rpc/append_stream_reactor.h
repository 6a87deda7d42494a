#pragma once

// AppendStream: many commits under way on one call, answered in the order of their arrival.

#include "grpcpp/support/server_callback.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// Owns itself; gone after OnDone and the last commit under way.
grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse>* NewAppendStreamReactor(
    grpc::CallbackServerContext* context, const ServiceParts& parts);

}  // namespace nexus::rpc
