#pragma once

// The end of a streaming call: counted once, with a rich status, and never before a Start call that
// is under way has returned (rpc/start_fence.h).

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "engine/draft.h"
#include "nexus/port/audit_ledger.h"
#include "rpc/call_audit.h"
#include "rpc/call_metrics.h"
#include "rpc/start_fence.h"
#include "rpc/status.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// FinishOnce() may come from any thread. `call` and `metrics` must outlive it.
class FencedCall : public CallReactor {
 public:
  void OnCancel() override { FinishOnce(absl::CancelledError("the client has gone")); }

 protected:
  FencedCall(ServerCall& call, CallMetrics& metrics)
      : call_(call), scope_(metrics, call.method()) {}

  void StartRead(grpc::ByteBuffer* message) {
    Start([&] { call_.StartRead(message); });
  }
  void StartWrite(const grpc::ByteBuffer& message, grpc::WriteOptions how = {}) {
    Start([&] { call_.StartWrite(message, how); });
  }

  void FinishOnce(const absl::Status& status) {
    if (fence_.End(status)) FinishNow();
  }

  // The end of the call is written down, if its method is one of an administrator. Before the first
  // step. `caller` must outlive this.
  void WriteDownEnd(AuditLedger* ledger, const engine::Caller& caller) {
    ledger_ = ledger;
    caller_of_ledger_ = &caller;
  }

  bool ending() const { return fence_.ending(); }
  ServerCall& call() { return call_; }

  // The end itself, once. A call that has a last message to send with it does so here.
  virtual void FinishCall(const grpc::Status& status) { call_.Finish(status); }

 private:
  // Runs `start` unless the call is ending.
  template <typename Step>
  void Start(Step start) {
    if (!fence_.Enter()) return;
    start();
    if (fence_.Leave()) FinishNow();
  }

  void FinishNow() {
    if (caller_of_ledger_ != nullptr) {
      RecordAdminAction(
          ledger_, call_.method(), *caller_of_ledger_, [] { return std::string(); },
          fence_.status());
    }
    const grpc::Status wire = ToGrpc(fence_.status());
    scope_.Finish(static_cast<int>(wire.error_code()));
    FinishCall(wire);
  }

  ServerCall& call_;
  CallMetrics::Scope scope_;
  StartFence fence_;
  AuditLedger* ledger_ = nullptr;
  const engine::Caller* caller_of_ledger_ = nullptr;
};

}  // namespace nexus::rpc
