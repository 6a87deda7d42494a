#pragma once

// One call of a client, on a completion queue.
//
// gRPC's callback API would do the same, but it has at least two threads that take turns in
// polling: a switch of threads for every request (docs/decisions/0006-one-completion-queue.md).
//
// Thread-safety: each Start... may come from any thread. At most one read and one write are under
// way at a time, Finish() or StartWriteAndFinish() come exactly once, and nothing is started after
// them. The call lives until CallReactor::OnDone() has returned: whoever holds the reactor must not
// start anything after it has finished the call.

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"
#include "rpc/transport/call_reactor.h"
#include "rpc/transport/queue_tag.h"

namespace nexus::rpc {

class CallQueue;
struct Method;

class ServerCall {
 public:
  // Waits for a call of `queue`. Owned by itself from then on.
  explicit ServerCall(CallQueue& queue);
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // "nexus.v1.EventStoreService/Append".
  absl::string_view method() const;
  const grpc::ServerContext& context() const { return context_; }
  // Before the call is finished.
  void AddTrailingMetadata(const std::string& key, const std::string& value) {
    context_.AddTrailingMetadata(key, value);
  }

  // Once, before anything is started; kept until the call is done. A call that is finished at once
  // needs none.
  void Attach(std::shared_ptr<CallReactor> reactor) { reactor_ = std::move(reactor); }

  // `message` must live until OnReadDone().
  void StartRead(grpc::ByteBuffer* message);
  // `message` may go as soon as this returns.
  void StartWrite(const grpc::ByteBuffer& message, grpc::WriteOptions options = {});
  void StartWriteAndFinish(const grpc::ByteBuffer& message, const grpc::Status& status);
  void Finish(const grpc::Status& status);

 private:
  // An operation under way.
  class Step final : public QueueTag {
   public:
    Step(ServerCall& call, void (ServerCall::*done)(bool)) : call_(call), done_(done) {}
    void Complete(bool ok) override { (call_.*done_)(ok); }

   private:
    ServerCall& call_;
    void (ServerCall::*const done_)(bool);
  };

  ~ServerCall();

  void Accepted(bool ok);
  void RequestRead(bool ok);
  void ReadDone(bool ok);
  void WriteDone(bool ok);
  void FinishDone(bool ok);
  void Closed(bool ok);
  // One operation less; the last one ends the call.
  void Settle();

  CallQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  Step accepted_{*this, &ServerCall::Accepted};
  Step request_read_{*this, &ServerCall::RequestRead};
  Step read_{*this, &ServerCall::ReadDone};
  Step written_{*this, &ServerCall::WriteDone};
  Step finished_{*this, &ServerCall::FinishDone};
  Step closed_{*this, &ServerCall::Closed};
  const Method* method_ = nullptr;
  grpc::ByteBuffer request_;
  std::shared_ptr<CallReactor> reactor_;
  // Under way; the end of the call and gRPC's word that it is closed count from the beginning.
  std::atomic<int> pending_{2};
};

}  // namespace nexus::rpc
