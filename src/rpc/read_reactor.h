#pragma once

// Read: pages from the log, written one after another; the next is read when the last has left.

#include "grpcpp/support/server_callback.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

// Owns itself; gone after OnDone and the step under way.
grpc::ServerWriteReactor<v1::ReadResponse>* NewReadReactor(grpc::CallbackServerContext* context,
                                                           const ServiceParts& parts,
                                                           const v1::ReadRequest& request);

}  // namespace nexus::rpc
