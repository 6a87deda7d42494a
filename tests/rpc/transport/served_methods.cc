#include "rpc/transport/served_methods.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace nexus::rpc {

grpc::ByteBuffer BytesOf(absl::string_view text) {
  const grpc::Slice slice(text.data(), text.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string TextOf(const grpc::ByteBuffer& bytes) {
  std::string text;
  std::vector<grpc::Slice> slices;
  if (bytes.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return text;
}

ServedMethods::ServedMethods(int queues) : queue_count_(queues) {}

ServedMethods::~ServedMethods() { Shutdown(); }

void ServedMethods::Start() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&generic_);
  for (int i = 0; i < queue_count_; ++i) {
    queues_.push_back(
        std::make_unique<CallQueue>(builder.AddCompletionQueue(), generic_, methods_));
  }
  server_ = builder.BuildAndStart();
  for (const auto& queue : queues_) queue->Start();
  channel_ =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
}

void ServedMethods::Shutdown() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(60));
  for (const auto& queue : queues_) queue->Stop();
  server_.reset();
}

Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::vector<std::string>& requests, grpc::ClientContext* context) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext own;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(context != nullptr ? context : &own, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  for (size_t i = 0; ok && i < requests.size(); ++i) {
    call->Write(BytesOf(requests[i]), nullptr);
    queue.Next(&tag, &ok);
  }
  if (ok) {
    call->WritesDone(nullptr);
    queue.Next(&tag, &ok);
  }
  Answer answer;
  while (true) {
    grpc::ByteBuffer message;
    call->Read(&message, nullptr);
    queue.Next(&tag, &ok);
    if (!ok) break;
    answer.messages.push_back(TextOf(message));
  }
  call->Finish(&answer.status, nullptr);
  queue.Next(&tag, &ok);
  return answer;
}

}  // namespace nexus::rpc
