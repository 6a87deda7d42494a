#include "load/connections.h"

#include <algorithm>

#include "client/channel.h"
#include "grpc/support/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "load/load_report.h"

namespace nexus::bench {
namespace {

constexpr double kConnectSeconds = 10;

void AwaitOk(grpc::CompletionQueue& queue, const char* what) {
  void* tag = nullptr;
  bool ok = false;
  if (!queue.Next(&tag, &ok) || !ok) Die(what);
}

}  // namespace

void Identify(const LoadOptions& options, grpc::ClientContext& context) {
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
}

void Drain(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
}

gpr_timespec After(double seconds) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(static_cast<int64_t>(seconds * 1e9), GPR_TIMESPAN));
}

Connections::Connections(const LoadOptions& options) {
  for (int i = 0; i < std::max(1, options.connections); ++i) {
    auto channel = client::OpenChannel(options.target, absl::Seconds(10), /*own_connection=*/true);
    if (!channel.ok()) Die(channel.status().ToString());
    if (!(*channel)->WaitForConnected(After(kConnectSeconds))) Die("no server: " + options.target);
    stubs_.push_back(std::make_unique<grpc::GenericStub>(*channel));
    channels_.push_back(*std::move(channel));
  }
}

std::string Connections::Ask(const Request& request) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(After(kConnectSeconds));
  auto call = stubs_.front()->PrepareCall(&context, request.method, &queue);
  call->StartCall(nullptr);
  AwaitOk(queue, "a call did not start");
  call->WriteLast(request.Bytes(), {}, nullptr);
  AwaitOk(queue, "a request was not sent");
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  void* tag = nullptr;
  bool answered = false;
  queue.Next(&tag, &answered);
  const std::string bytes = answered ? Joined(answer) : "";
  if (answered) context.TryCancel();  // what follows is of no interest
  grpc::Status status;
  call->Finish(&status, nullptr);
  AwaitOk(queue, "a call did not end");
  if (!answered && !status.ok()) Die(status.error_message());
  Drain(queue);
  return bytes;
}

}  // namespace nexus::bench
