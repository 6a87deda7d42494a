#pragma once

// What the server answered, back as a status with typed details: the inverse of rpc/status.

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace nexus::client {

// A reason that this build does not know keeps its code, and its name goes into the message.
absl::Status FromRpcStatus(const google::rpc::Status& status);

// A status without details did not come from nexusd: the network or gRPC itself gave up.
absl::Status FromGrpc(const grpc::Status& status);

// As FromGrpc; but a connection lost under way is OUTCOME_UNKNOWN.
absl::Status FromGrpcAppend(const grpc::Status& status);

}  // namespace nexus::client
