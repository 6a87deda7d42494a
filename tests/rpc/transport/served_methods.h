#pragma once

// A gRPC server with the methods of a test, and clients that call them with bytes.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/server.h"
#include "rpc/transport/call_queue.h"
#include "rpc/transport/method_table.h"

namespace nexus::rpc {

grpc::ByteBuffer BytesOf(absl::string_view text);
std::string TextOf(const grpc::ByteBuffer& bytes);

class ServedMethods {
 public:
  explicit ServedMethods(int queues = 1);
  ~ServedMethods();

  // Before Start().
  MethodTable& methods() { return methods_; }
  void Start();
  // Waits for the calls under way; the rest of the grace is not used if they end before.
  void Shutdown();

  std::shared_ptr<grpc::Channel> channel() const { return channel_; }

 private:
  const int queue_count_;
  MethodTable methods_;
  grpc::AsyncGenericService generic_;
  std::vector<std::unique_ptr<CallQueue>> queues_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

struct Answer {
  grpc::Status status;
  std::vector<std::string> messages;
};

// A call that sends `requests`, says that it is done, and reads to the end.
Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::vector<std::string>& requests, grpc::ClientContext* context = nullptr);

}  // namespace nexus::rpc
