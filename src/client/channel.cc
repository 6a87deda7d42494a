#include "client/channel.h"

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "nexus/core/errors.h"

namespace nexus::client {

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& server,
                                                           bool own_connection) {
  absl::string_view target = server;
  absl::ConsumePrefix(&target, "nexus://");
  if (target.empty()) {
    return MakeError(ErrorReason::kMalformedRequest, "the server's address is empty");
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, own_connection ? 1 : 0);
  // A proxy of the environment is for the web, not for this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  return grpc::CreateCustomChannel(std::string(target), grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace nexus::client
