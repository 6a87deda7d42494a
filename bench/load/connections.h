#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "load/dialect.h"

namespace nexus::bench {

// Some connections to one server, each of its own, not shared by gRPC. Dies if the server is away.
class Connections {
 public:
  explicit Connections(const LoadOptions& options);

  grpc::GenericStub& Stub(uint64_t call) { return *stubs_[call % stubs_.size()]; }
  const std::shared_ptr<grpc::Channel>& first() const { return channels_.front(); }

  // One call; the first message of its answer, empty if there is none. Dies if it fails.
  std::string Ask(const Request& request);

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
};

// Says who calls, if the options do.
void Identify(const LoadOptions& options, grpc::ClientContext& context);

// Shuts the queue down and takes what is left in it, as gRPC wants before it goes.
void Drain(grpc::CompletionQueue& queue);

// For deadlines of calls and waits.
gpr_timespec After(double seconds);

}  // namespace nexus::bench
