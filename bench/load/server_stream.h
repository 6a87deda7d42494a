#pragma once

// A call with one request and a stream of answers, of which one read is under way at a time.

#include <memory>

#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "load/dialect.h"

namespace nexus::bench {

// Its address is the tag of every step of the call: pass what the queue gives to Done().
class ServerStream {
 public:
  enum class State { kRunning, kMessage, kEnded };

  void Start(grpc::GenericStub& stub, const Request& request, grpc::CompletionQueue& queue) {
    call_.reset();  // lives in memory that the context holds
    context_ = std::make_unique<grpc::ClientContext>();
    call_ = stub.PrepareCall(context_.get(), request.method, &queue);
    request_ = request.Bytes();
    status_ = grpc::Status();
    step_ = Step::kStart;
    call_->StartCall(this);
  }

  // kMessage: message() holds the next answer until Read().
  State Done(bool ok) {
    switch (step_) {
      case Step::kStart:
        step_ = Step::kRequest;
        call_->WriteLast(request_, {}, this);
        return State::kRunning;
      case Step::kRequest:
        Read();
        return State::kRunning;
      case Step::kRead:
        if (ok) return State::kMessage;
        step_ = Step::kFinish;
        call_->Finish(&status_, this);
        return State::kRunning;
      case Step::kFinish:
        break;
    }
    return State::kEnded;
  }

  // After kMessage.
  void Read() {
    step_ = Step::kRead;
    call_->Read(&message_, this);
  }
  void Cancel() { context_->TryCancel(); }

  const grpc::ByteBuffer& message() const { return message_; }
  const grpc::Status& status() const { return status_; }

 private:
  enum class Step { kStart, kRequest, kRead, kFinish };

  Step step_ = Step::kStart;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  grpc::Status status_;
};

}  // namespace nexus::bench
