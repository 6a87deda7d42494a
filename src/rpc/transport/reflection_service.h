#pragma once

// grpc.reflection.v1 and v1alpha: what grpcurl and Postman ask to learn the contract.
// Source: the gRPC server reflection protocol (grpc/grpc, doc/server-reflection.md).
//
// Thread-safe. Answers from the descriptors that are linked in.

#include <string>
#include <vector>

#include "rpc/transport/method_table.h"

namespace nexus::rpc {

// `services` are those that are listed.
void AddReflection(std::vector<std::string> services, MethodTable& table);

}  // namespace nexus::rpc
