#include "client/channel.h"

#include <algorithm>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "nexus/core/errors.h"

namespace nexus::client {
namespace {

int ConnectMillis(absl::Duration call_timeout) {
  const absl::Duration most = std::min(call_timeout * 4 / 5, absl::Seconds(20));
  return static_cast<int>(absl::ToInt64Milliseconds(std::max(most, absl::Milliseconds(50))));
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const std::optional<ClientTls>& tls) {
  if (!tls.has_value()) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({tls->ca, tls->key, tls->certificate});
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& server,
                                                           absl::Duration call_timeout,
                                                           bool own_connection,
                                                           const std::optional<ClientTls>& tls) {
  absl::string_view target = server;
  absl::ConsumePrefix(&target, "nexus://");
  if (target.empty()) {
    return MakeError(ErrorReason::kMalformedRequest, "the server's address is empty");
  }
  if (tls.has_value() && tls->certificate.empty() != tls->key.empty()) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "a client's certificate and its key belong together; one of them is missing");
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, own_connection ? 1 : 0);
  // A proxy of the environment is for the web, not for this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // By this name gRPC means the time that an attempt may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, ConnectMillis(call_timeout));
  return grpc::CreateCustomChannel(std::string(target), CredentialsOf(tls), arguments);
}

}  // namespace nexus::client
