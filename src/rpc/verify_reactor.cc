#include "rpc/verify_reactor.h"

#include <utility>

#include "nexus/core/errors.h"
#include "rpc/fenced_call.h"

namespace nexus::rpc {
namespace {

using VerifyWriter = grpc::ServerWriteReactor<admin::v1::VerifyLogResponse>;

// A step on a worker, then its message, then the next step: never two at a time.
class VerifyReactor : public FencedCall<VerifyWriter>,
                      public std::enable_shared_from_this<VerifyReactor> {
 public:
  VerifyReactor(grpc::CallbackServerContext* context, const ServiceParts& parts)
      : FencedCall(parts.metrics, "nexus.admin.v1.AdminService/VerifyLog"),
        parts_(parts),
        caller_(CallerOf(*context, parts, absl::InfiniteDuration())) {}

  void Begin(std::shared_ptr<VerifyReactor> self, const BeginVerification& begin) {
    self_ = std::move(self);
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    walk_ = begin();
    Go();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      FinishOnce(absl::CancelledError("the client has gone"));
    } else if (response_.done()) {
      FinishOnce(absl::OkStatus());
    } else {
      Go();
    }
  }

  void OnCancel() override { FinishOnce(absl::CancelledError("the client has gone")); }

  // gRPC runs nothing of this call any more; a step under way has a share of its own.
  void OnDone() override { self_.reset(); }

 private:
  void Go() {
    if (ending()) return;
    const bool accepted =
        parts_.engine.workers().TrySubmit([self = shared_from_this()] { self->Step(); });
    if (accepted) return;
    FinishOnce(MakeError(ErrorReason::kOverloaded, "too much waits for the workers: try later"));
  }

  void Step() {
    if (ending()) return;
    VerifyProgress progress = walk_->Advance();
    response_.Clear();
    response_.set_position(progress.position.value);
    response_.set_head(progress.head.value);
    response_.set_errors(progress.errors);
    response_.set_done(progress.done);
    if (progress.done) {
      for (std::string& finding : progress.findings) response_.add_findings(std::move(finding));
    }
    Start([this] { StartWrite(&response_); });
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  std::shared_ptr<VerifyReactor> self_;  // gRPC's share, let go in OnDone
  std::unique_ptr<LogVerification> walk_;
  admin::v1::VerifyLogResponse response_;
};

}  // namespace

VerifyWriter* NewVerifyReactor(grpc::CallbackServerContext* context, const ServiceParts& parts,
                               const BeginVerification& begin) {
  auto reactor = std::make_shared<VerifyReactor>(context, parts);
  VerifyReactor* raw = reactor.get();
  raw->Begin(std::move(reactor), begin);
  return raw;
}

}  // namespace nexus::rpc
