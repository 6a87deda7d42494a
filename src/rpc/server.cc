#include "rpc/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

constexpr const char* kServices[] = {"", "nexus.v1.EventStoreService",
                                     "nexus.v1.SchemaRegistryService", "nexus.v1.PolicyService",
                                     "nexus.admin.v1.AdminService"};

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.message_bytes_max);
  builder.SetMaxSendMessageSize(options.message_bytes_max);
  // Beyond it gRPC stops reading from connections: the flood waits in the senders' buffers.
  grpc::ResourceQuota quota("nexusd");
  quota.Resize(options.memory_bytes_max);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  // A peer that vanished without a word is noticed; one that pings too often is sent away.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  // Two daemons on one port would each get half of the calls: refuse the second.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

Server::Server(const ServiceParts& parts, AdminService::Report report, IndexControl index,
               BeginVerification verify)
    : events_(parts),
      schemas_(parts),
      policy_(parts),
      admin_(parts, std::move(report), std::move(index), std::move(verify)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const ServiceParts& parts,
                                                      AdminService::Report report,
                                                      IndexControl index,
                                                      BeginVerification verify) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<Server> server(
      new Server(parts, std::move(report), std::move(index), std::move(verify)));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port);
  SetLimits(options, builder);
  builder.RegisterService(&server->events_);
  builder.RegisterService(&server->schemas_);
  builder.RegisterService(&server->policy_);
  builder.RegisterService(&server->admin_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return MakeError(
        ErrorReason::kConfigurationInvalid,
        absl::StrCat("cannot listen on ", options.address, " (grpc.address): is the port taken?"));
  }
  const size_t colon = options.address.rfind(':');
  server->address_ = absl::StrCat(options.address.substr(0, colon), ":", port);
  server->SetServing(false);
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

void Server::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  if (health == nullptr) return;
  for (const char* service : kServices) health->SetServingStatus(service, serving);
}

void Server::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(absl::ToInt64Milliseconds(grace), GPR_TIMESPAN)));
  server_->Wait();
  server_.reset();
}

}  // namespace nexus::rpc
