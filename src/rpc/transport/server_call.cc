#include "rpc/transport/server_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "rpc/transport/call_queue.h"
#include "rpc/transport/method_table.h"

namespace nexus::rpc {

ServerCall::ServerCall(CallQueue& queue) : queue_(queue) {
  queue_.Began();
  context_.AsyncNotifyWhenDone(&closed_);
  queue_.service().RequestCall(&context_, &stream_, &queue_.completions(), &queue_.completions(),
                               &accepted_);
}

ServerCall::~ServerCall() { queue_.Ended(); }

absl::string_view ServerCall::method() const {
  return absl::StripPrefix(absl::string_view(context_.method()), "/");
}

void ServerCall::Accepted(bool ok) {
  // The server ends. gRPC never gives the tag of a call that did not come.
  if (!ok) {
    delete this;
    return;
  }
  new ServerCall(queue_);
  method_ = queue_.methods().Find(method());
  if (method_ == nullptr) {
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                        absl::StrCat("there is no method ", method(),
                                     ": see ListServices of "
                                     "server reflection for those that exist")));
    return;
  }
  if (method_->streams_requests) {
    method_->begin(*this, request_);
    return;
  }
  ++pending_;
  stream_.Read(&request_, &request_read_);
}

void ServerCall::RequestRead(bool ok) {
  if (ok) {
    method_->begin(*this, request_);
    request_.Clear();
  } else {
    Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the call has no request message"));
  }
  Settle();
}

void ServerCall::StartRead(grpc::ByteBuffer* message) {
  pending_.fetch_add(1, std::memory_order_relaxed);
  stream_.Read(message, &read_);
}

void ServerCall::StartWrite(const grpc::ByteBuffer& message, grpc::WriteOptions options) {
  pending_.fetch_add(1, std::memory_order_relaxed);
  stream_.Write(message, options, &written_);
}

void ServerCall::StartWriteAndFinish(const grpc::ByteBuffer& message, const grpc::Status& status) {
  stream_.WriteAndFinish(message, {}, status, &finished_);
}

void ServerCall::Finish(const grpc::Status& status) { stream_.Finish(status, &finished_); }

void ServerCall::ReadDone(bool ok) {
  reactor_->OnReadDone(ok);
  Settle();
}

void ServerCall::WriteDone(bool ok) {
  reactor_->OnWriteDone(ok);
  Settle();
}

// Whether the client saw the end makes no difference: nothing is left to be done.
void ServerCall::FinishDone(bool /*ok*/) { Settle(); }

void ServerCall::Closed(bool /*ok*/) {
  if (reactor_ != nullptr && context_.IsCancelled()) reactor_->OnCancel();
  Settle();
}

void ServerCall::Settle() {
  if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (reactor_ != nullptr) reactor_->OnDone();
  delete this;
}

}  // namespace nexus::rpc
