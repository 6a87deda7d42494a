#include "rpc/rebuild_reactor.h"

#include <memory>
#include <utility>

#include "rpc/fenced_call.h"

namespace nexus::rpc {
namespace {

using RebuildWriter = grpc::ServerWriteReactor<admin::v1::RebuildIndexResponse>;

constexpr absl::Duration kLookAgain = absl::Milliseconds(200);

class RebuildReactor : public FencedCall<RebuildWriter>,
                       public std::enable_shared_from_this<RebuildReactor> {
 public:
  RebuildReactor(grpc::CallbackServerContext* context, const ServiceParts& parts,
                 const IndexControl& control)
      : FencedCall(parts.metrics, "nexus.admin.v1.AdminService/RebuildIndex"),
        parts_(parts),
        control_(control),
        caller_(CallerOf(*context, parts, absl::InfiniteDuration())) {}

  void Begin(std::shared_ptr<RebuildReactor> self) {
    self_ = std::move(self);
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    target_ = parts_.engine.Head();
    ticket_ = control_.rebuild();
    LookLater();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      FinishOnce(absl::CancelledError("the client has gone"));
    } else if (done_) {
      FinishOnce(absl::OkStatus());
    } else {
      LookLater();
    }
  }

  void OnCancel() override { FinishOnce(absl::CancelledError("the client has gone")); }

  void OnDone() override { self_.reset(); }

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
    Start([this] { StartWrite(&response_); });
  }

  const ServiceParts parts_;
  const IndexControl& control_;
  const absl::StatusOr<engine::Caller> caller_;
  std::shared_ptr<RebuildReactor> self_;  // gRPC's share, let go in OnDone
  Position target_;
  uint64_t ticket_ = 0;
  bool done_ = false;
  admin::v1::RebuildIndexResponse response_;
};

}  // namespace

RebuildWriter* NewRebuildReactor(grpc::CallbackServerContext* context, const ServiceParts& parts,
                                 const IndexControl& control) {
  auto reactor = std::make_shared<RebuildReactor>(context, parts, control);
  RebuildReactor* raw = reactor.get();
  raw->Begin(std::move(reactor));
  return raw;
}

}  // namespace nexus::rpc
