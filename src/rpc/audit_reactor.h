#pragma once

// A call that walks over stored events and judges their data: step by step on the workers, a
// message after each.

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/schema_audit.h"
#include "grpcpp/support/server_callback.h"
#include "nexus/core/errors.h"
#include "rpc/call_context.h"
#include "rpc/fenced_call.h"

namespace nexus::rpc {

// Begins the walk, on a worker.
using BeginAudit = absl::AnyInvocable<absl::StatusOr<std::unique_ptr<engine::SchemaAudit>>()>;

// Owned by gRPC. `parts` must outlive the server.
template <typename Response>
class AuditReactor : public FencedCall<grpc::ServerWriteReactor<Response>>,
                     public std::enable_shared_from_this<AuditReactor<Response>> {
 public:
  using Fill = void (*)(const engine::AuditProgress& progress, Response& response);

  // Gives gRPC a reactor that has begun.
  static AuditReactor* New(grpc::CallbackServerContext* context, const ServiceParts& parts,
                           absl::string_view method, BeginAudit begin, Fill fill) {
    auto reactor = std::make_shared<AuditReactor>(context, parts, method, std::move(begin), fill);
    AuditReactor* const raw = reactor.get();
    raw->self_ = std::move(reactor);
    if (raw->caller_.ok()) {
      raw->Go();
    } else {
      raw->FinishOnce(raw->caller_.status());
    }
    return raw;
  }

  // For New() only.
  AuditReactor(grpc::CallbackServerContext* context, const ServiceParts& parts,
               absl::string_view method, BeginAudit begin, Fill fill)
      : FencedCall<grpc::ServerWriteReactor<Response>>(parts.metrics, method),
        parts_(parts),
        caller_(CallerOf(*context, parts, absl::InfiniteDuration())),
        begin_(std::move(begin)),
        fill_(fill) {}

  void OnWriteDone(bool ok) override {
    if (!ok) {
      this->FinishOnce(absl::CancelledError("the client has gone"));
    } else if (walk_->progress().done) {
      this->FinishOnce(absl::OkStatus());
    } else {
      Go();
    }
  }

  void OnCancel() override { this->FinishOnce(absl::CancelledError("the client has gone")); }

  // gRPC runs nothing of this call any more; a step under way has a share of its own.
  void OnDone() override { self_.reset(); }

 private:
  void Go() {
    if (this->ending()) return;
    const bool accepted =
        parts_.engine.workers().TrySubmit([self = this->shared_from_this()] { self->Step(); });
    if (accepted) return;
    this->FinishOnce(
        MakeError(ErrorReason::kOverloaded, "too much waits for the workers: try later"));
  }

  void Step() {
    if (this->ending()) return;
    const absl::Status status = Advance();
    if (!status.ok()) return this->FinishOnce(status);
    response_.Clear();
    fill_(walk_->progress(), response_);
    this->Start([this] { this->StartWrite(&response_); });
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
  std::shared_ptr<AuditReactor> self_;  // gRPC's share, let go in OnDone
  std::unique_ptr<engine::SchemaAudit> walk_;
  Response response_;
};

}  // namespace nexus::rpc
