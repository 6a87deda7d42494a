#pragma once

// A call that walks over what is stored and judges it: step by step on the workers, a message after
// each, never two at a time.

#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "nexus/core/errors.h"
#include "rpc/call_context.h"
#include "rpc/fenced_call.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {

using AskFirst =
    std::function<void(engine::Caller caller, absl::AnyInvocable<void(absl::Status)> go)>;

// A Walk has Advance(), which gives a status, and done(). `parts` must outlive the server.
template <typename Walk, typename Response>
class WalkReactor : public FencedCall,
                    public std::enable_shared_from_this<WalkReactor<Walk, Response>> {
 public:
  // Begins the walk, on a worker.
  using BeginWalk = absl::AnyInvocable<absl::StatusOr<std::unique_ptr<Walk>>()>;
  using Fill = void (*)(const Walk& walk, Response& response);

  // `ask` asks the policies whether the caller may.
  static void Begin(ServerCall& call, const ServiceParts& parts, const AskFirst& ask,
                    BeginWalk begin, Fill fill) {
    auto reactor = std::make_shared<WalkReactor>(call, parts, std::move(begin), fill);
    call.Attach(reactor);
    if (!reactor->caller_.ok()) return reactor->FinishOnce(reactor->caller_.status());
    ask(*reactor->caller_, [reactor](absl::Status asked) {
      if (!asked.ok()) return reactor->FinishOnce(asked);
      reactor->Go();
    });
  }

  // For Begin() only.
  WalkReactor(ServerCall& call, const ServiceParts& parts, BeginWalk begin, Fill fill)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())),
        begin_(std::move(begin)),
        fill_(fill) {
    if (caller_.ok()) WriteDownEnd(parts.engine.ledger(), *caller_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
    } else if (walk_->done()) {
      FinishOnce(absl::OkStatus());
    } else {
      Go();
    }
  }

 private:
  void Go() {
    if (ending()) return;
    const bool accepted =
        parts_.engine.workers().TrySubmit([self = this->shared_from_this()] { self->Step(); });
    if (accepted) return;
    FinishOnce(MakeError(ErrorReason::kOverloaded, "too much waits for the workers: try later"));
  }

  void Step() {
    if (ending()) return;
    const absl::Status status = Advance();
    if (!status.ok()) return FinishOnce(status);
    response_.Clear();
    fill_(*walk_, response_);
    StartWrite(ToBytes(response_));
  }

  absl::Status Advance() {
    if (walk_ == nullptr) {
      absl::StatusOr<std::unique_ptr<Walk>> walk = begin_();
      if (!walk.ok()) return walk.status();
      walk_ = *std::move(walk);
    }
    return walk_->Advance();
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  BeginWalk begin_;
  const Fill fill_;
  std::unique_ptr<Walk> walk_;
  Response response_;
};

}  // namespace nexus::rpc
