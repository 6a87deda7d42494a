#include "rpc/rebuild_reactor.h"

#include <memory>
#include <utility>

#include "rpc/fenced_call.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(200);

class RebuildReactor : public FencedCall, public std::enable_shared_from_this<RebuildReactor> {
 public:
  RebuildReactor(ServerCall& call, const ServiceParts& parts, const IndexControl& control)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        control_(control),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())) {
    if (caller_.ok()) WriteDownEnd(parts.engine.ledger(), *caller_);
  }

  void Begin() {
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    parts_.engine.questions().AskAboutAdmin("rebuild_index", *caller_,
                                            [self = shared_from_this()](absl::Status asked) {
                                              if (!asked.ok()) return self->FinishOnce(asked);
                                              self->target_ = self->parts_.engine.Head();
                                              self->ticket_ = self->control_.rebuild();
                                              self->LookLater();
                                            });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
    } else if (done_) {
      FinishOnce(absl::OkStatus());
    } else {
      LookLater();
    }
  }

 private:
  void LookLater() {
    parts_.engine.workers().RunAfter(kLookAgain, [self = shared_from_this()] { self->Look(); });
  }

  void Look() {
    const IndexProgress progress = control_.progress();
    const bool begun = progress.rebuilds >= ticket_;
    done_ = begun && progress.indexed_to >= target_;
    response_.set_indexed_to(begun ? progress.indexed_to.value : 0);
    response_.set_target(target_.value);
    response_.set_problem(progress.problem);
    StartWrite(ToBytes(response_));
  }

  const ServiceParts parts_;
  const IndexControl& control_;
  const absl::StatusOr<engine::Caller> caller_;
  Position target_;
  uint64_t ticket_ = 0;
  bool done_ = false;
  admin::v1::RebuildIndexResponse response_;
};

}  // namespace

void BeginRebuild(ServerCall& call, const ServiceParts& parts, const IndexControl& control) {
  auto reactor = std::make_shared<RebuildReactor>(call, parts, control);
  call.Attach(reactor);
  reactor->Begin();
}

}  // namespace nexus::rpc
