#pragma once

// A unary call: counts it, names the caller, parses its request, and finishes it with its response
// or a rich status.

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/call_audit.h"
#include "rpc/call_context.h"
#include "rpc/request_bytes.h"
#include "rpc/status.h"
#include "rpc/transport/message_bytes.h"
#include "rpc/transport/method_table.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// What ties a call to others goes back with its answer, also with an error.
void EchoCorrelation(const engine::Caller& caller, ServerCall& call);

// Shared by the callbacks of one call, because the transport and the engine both hold on to it;
// whoever comes last lets go. Finish() exactly once.
template <typename Request, typename Response>
class UnaryCall final : public CallReactor {
 public:
  UnaryCall(ServerCall& call, const ServiceParts& parts)
      : call_(call), scope_(parts.metrics, call.method()), ledger_(parts.engine.ledger()) {}

  // Finishes the call and says no if the caller is unknown or `bytes` are no request.
  bool Open(const grpc::ByteBuffer& bytes, const ServiceParts& parts) {
    absl::StatusOr<engine::Caller> caller = CallerOf(call_, parts);
    if (caller.ok()) {
      caller_ = *std::move(caller);
      known_ = true;
      EchoCorrelation(caller_, call_);
    }
    return Ready(caller.ok() ? ParseRequest(bytes, request_) : caller.status());
  }

  // Whether the call can go on: `request` says that its message is good. If not, it is finished.
  bool Ready(const absl::Status& request) {
    if (!request.ok()) Finish(request);
    return request.ok();
  }

  // What was not begun yet need not be.
  void OnCancel() override { gone_.store(true, std::memory_order_relaxed); }

  // Who calls, with word of when nobody waits any more. `self` is this.
  static engine::Caller CallerOfCommit(const std::shared_ptr<UnaryCall>& self) {
    engine::Caller caller = std::move(self->caller_);
    caller.gone = {self, &self->gone_};
    return caller;
  }

  // Nobody else looks at the request: take from it what you need.
  Request& request() { return request_; }
  Response& response() { return response_; }
  engine::Caller& caller() { return caller_; }

  // That an administrator did this, if the method is one; else Finish() does it.
  void WriteDown(const absl::Status& status) {
    if (!std::exchange(known_, false)) return;
    RecordAdminAction(
        ledger_, call_.method(), caller_, [this] { return SubjectOf(request_); }, status);
  }

  void Finish(const absl::Status& status) {
    WriteDown(status);
    const grpc::Status wire = ToGrpc(status);
    scope_.Finish(static_cast<int>(wire.error_code()));
    if (wire.ok()) {
      call_.StartWriteAndFinish(ToBytes(response_), wire);
    } else {
      call_.Finish(wire);
    }
  }

 private:
  ServerCall& call_;
  CallMetrics::Scope scope_;
  AuditLedger* const ledger_;
  bool known_ = false;  // who calls
  std::atomic<bool> gone_{false};
  engine::Caller caller_;
  Request request_;
  Response response_;
};

template <typename Request, typename Response>
using UnaryPtr = std::shared_ptr<UnaryCall<Request, Response>>;

// A row for the method table: `handler` gets the calls that are good so far.
template <typename Request, typename Response>
Method Unary(const ServiceParts& parts, std::function<void(UnaryPtr<Request, Response>)> handler) {
  return {[parts, handler = std::move(handler)](ServerCall& call, const grpc::ByteBuffer& bytes) {
    auto unary = std::make_shared<UnaryCall<Request, Response>>(call, parts);
    call.Attach(unary);
    if (unary->Open(bytes, parts)) handler(std::move(unary));
  }};
}

// The same for a method of a service: Unary(parts, *this, &PolicyService::Check).
template <typename Service, typename Request, typename Response>
Method Unary(const ServiceParts& parts, Service& service,
             void (Service::*handler)(UnaryPtr<Request, Response>)) {
  return Unary<Request, Response>(parts, [&service, handler](UnaryPtr<Request, Response> call) {
    (service.*handler)(std::move(call));
  });
}

}  // namespace nexus::rpc
