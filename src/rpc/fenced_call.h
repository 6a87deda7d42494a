#pragma once

// The end of a streaming call: counted once, with a rich status, and never before a Start call that
// is under way has returned (rpc/start_fence.h).

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rpc/call_metrics.h"
#include "rpc/start_fence.h"
#include "rpc/status.h"

namespace nexus::rpc {

// `Reactor` is one of gRPC's server reactors. FinishOnce() may come from any thread.
template <typename Reactor>
class FencedCall : public Reactor {
 protected:
  FencedCall(CallMetrics& metrics, absl::string_view method) : scope_(metrics, method) {}

  // Runs `call`, which makes one Start call, unless the call is ending.
  template <typename Call>
  void Start(Call call) {
    if (!fence_.Enter()) return;
    call();
    if (fence_.Leave()) FinishNow();
  }

  void FinishOnce(const absl::Status& status) {
    if (fence_.End(status)) FinishNow();
  }

  bool ending() const { return fence_.ending(); }

  // The end itself, once. A call that has a last message to send with it does so here.
  virtual void FinishCall(const grpc::Status& status) { this->Finish(status); }

 private:
  void FinishNow() {
    const grpc::Status wire = ToGrpc(fence_.status());
    scope_.Finish(static_cast<int>(wire.error_code()));
    FinishCall(wire);
  }

  CallMetrics::Scope scope_;
  StartFence fence_;
};

}  // namespace nexus::rpc
