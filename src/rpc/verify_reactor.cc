#include "rpc/verify_reactor.h"

#include <utility>

#include "nexus/admin/v1/admin.pb.h"
#include "nexus/core/errors.h"
#include "rpc/fenced_call.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {
namespace {

// A step on a worker, then its message, then the next step: never two at a time.
class VerifyReactor : public FencedCall, public std::enable_shared_from_this<VerifyReactor> {
 public:
  VerifyReactor(ServerCall& call, const ServiceParts& parts)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())) {}

  void Begin(const BeginVerification& begin) {
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    parts_.engine.questions().AskAboutAdmin(
        "verify_log", *caller_, [self = shared_from_this(), &begin](absl::Status asked) {
          if (!asked.ok()) return self->FinishOnce(asked);
          self->walk_ = begin();
          self->Go();
        });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
    } else if (response_.done()) {
      FinishOnce(absl::OkStatus());
    } else {
      Go();
    }
  }

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
    StartWrite(ToBytes(response_));
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  std::unique_ptr<LogVerification> walk_;
  admin::v1::VerifyLogResponse response_;
};

}  // namespace

void BeginVerify(ServerCall& call, const ServiceParts& parts, const BeginVerification& begin) {
  auto reactor = std::make_shared<VerifyReactor>(call, parts);
  call.Attach(reactor);
  reactor->Begin(begin);
}

}  // namespace nexus::rpc
