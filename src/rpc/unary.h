#pragma once

// A unary call: counts it, names the caller, and finishes it with a rich status.

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/call_context.h"
#include "rpc/status.h"

namespace nexus::rpc {

// Shared by the callbacks of one call, because gRPC and the engine both hold on to it; whoever
// comes last lets go. Finish() exactly once.
class UnaryCall {
 public:
  UnaryCall(grpc::CallbackServerContext* context, const ServiceParts& parts,
            absl::string_view method)
      : reactor_(context->DefaultReactor()),
        scope_(parts.metrics, method),
        caller_(CallerOf(*context, parts)) {
    // What ties this call to others goes back with the answer, also with an error.
    if (!caller_.ok()) return;
    if (!caller_->correlation_id.empty()) {
      context->AddTrailingMetadata("x-correlation-id", caller_->correlation_id);
    }
    if (!caller_->traceparent.empty()) {
      context->AddTrailingMetadata("traceparent", caller_->traceparent);
    }
  }

  // Not OK: finish with its status and do nothing else.
  absl::StatusOr<engine::Caller>& caller() { return caller_; }
  grpc::ServerUnaryReactor* reactor() { return reactor_; }

  // Whether the call can go on: the caller is known and `request` says that its message is good. If
  // not, it is finished.
  bool Ready(const absl::Status& request) {
    const absl::Status& status = caller_.ok() ? request : caller_.status();
    if (!status.ok()) Finish(status);
    return status.ok();
  }

  void Finish(const absl::Status& status) {
    const grpc::Status wire = ToGrpc(status);
    scope_.Finish(static_cast<int>(wire.error_code()));
    reactor_->Finish(wire);
  }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  CallMetrics::Scope scope_;
  absl::StatusOr<engine::Caller> caller_;
};

}  // namespace nexus::rpc
