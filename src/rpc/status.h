#pragma once

// Our errors as clients see them: google.rpc.Status with typed details (AIP-193).

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::rpc {

inline constexpr char kErrorDomain[] = "nexus";

// With ErrorInfo always; BadRequest, PreconditionFailure and RetryInfo where they apply. Violations
// beyond what fits in 6 KiB of trailers are cut, and counted in ErrorInfo.metadata.
google::rpc::Status ToRpcStatus(const absl::Status& status);

grpc::Status ToGrpc(const absl::Status& status);

// The same for one commit of an AppendStream call.
void FillAppendError(const absl::Status& status, v1::AppendError& error);

}  // namespace nexus::rpc
