#pragma once

// A call that walks over stored events and judges their data: step by step on the workers, a
// message after each.

#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/schema_audit.h"
#include "nexus/core/errors.h"
#include "rpc/call_context.h"
#include "rpc/fenced_call.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {

// Begins the walk, on a worker.
using BeginAudit = absl::AnyInvocable<absl::StatusOr<std::unique_ptr<engine::SchemaAudit>>()>;

using AskFirst =
    std::function<void(engine::Caller caller, absl::AnyInvocable<void(absl::Status)> go)>;

// `parts` must outlive the server.
template <typename Response>
class AuditReactor : public FencedCall,
                     public std::enable_shared_from_this<AuditReactor<Response>> {
 public:
  using Fill = void (*)(const engine::AuditProgress& progress, Response& response);

  // `ask` asks the policies whether the caller may.
  static void Begin(ServerCall& call, const ServiceParts& parts, const AskFirst& ask,
                    BeginAudit begin, Fill fill) {
    auto reactor = std::make_shared<AuditReactor>(call, parts, std::move(begin), fill);
    call.Attach(reactor);
    if (!reactor->caller_.ok()) return reactor->FinishOnce(reactor->caller_.status());
    ask(*reactor->caller_, [reactor](absl::Status asked) {
      if (!asked.ok()) return reactor->FinishOnce(asked);
      reactor->Go();
    });
  }

  // For Begin() only.
  AuditReactor(ServerCall& call, const ServiceParts& parts, BeginAudit begin, Fill fill)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())),
        begin_(std::move(begin)),
        fill_(fill) {}

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
    } else if (walk_->progress().done) {
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
    fill_(walk_->progress(), response_);
    StartWrite(ToBytes(response_));
  }

  absl::Status Advance() {
    if (walk_ == nullptr) {
      absl::StatusOr<std::unique_ptr<engine::SchemaAudit>> walk = begin_();
      if (!walk.ok()) return walk.status();
      walk_ = *std::move(walk);
    }
    return walk_->Advance();
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  BeginAudit begin_;
  const Fill fill_;
  std::unique_ptr<engine::SchemaAudit> walk_;
  Response response_;
};

}  // namespace nexus::rpc
