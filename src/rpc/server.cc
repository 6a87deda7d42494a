#include "rpc/server.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "grpc/support/time.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/method_access.h"
#include "rpc/service_names.h"
#include "rpc/transport/reflection_service.h"

namespace nexus::rpc {
namespace {

// The server itself has the empty name.
std::vector<std::string> HealthNames() {
  std::vector<std::string> names(std::begin(kServiceNames), std::end(kServiceNames));
  names.emplace_back();
  return names;
}

std::vector<std::string> ReflectedNames() {
  std::vector<std::string> names(std::begin(kServiceNames), std::end(kServiceNames));
  names.emplace_back("grpc.health.v1.Health");
  names.emplace_back("grpc.reflection.v1.ServerReflection");
  return names;
}

// INTERNAL if the contract has a method that nobody answers.
absl::Status CheckComplete(const MethodTable& methods) {
  for (const char* name : kServiceNames) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = absl::StrCat(name, "/", service->method(i)->name());
      if (methods.Find(method) == nullptr) {
        return absl::InternalError(absl::StrCat("no handler for ", method));
      }
      if (FindMethodAccess(method) == nullptr) {
        return absl::InternalError(absl::StrCat("no rule of access for ", method));
      }
    }
  }
  return absl::OkStatus();
}

int Threads(int asked) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return asked > 0 ? asked : std::max(1, cores / 4);
}

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
               BeginVerification verify, RouteControl routes, const CommandControl& commands)
    : events_(parts),
      commands_(parts, commands.runner),
      queries_(parts, commands.queries),
      audits_(parts, commands.tracer),
      schemas_(parts),
      policy_(parts),
      admin_(parts, std::move(report), std::move(index), std::move(verify)),
      access_(parts),
      cost_(parts, routes),
      domains_(parts, commands.applier),
      snapshots_(parts,
                 {commands.snapshots, commands.digests, commands.runner, commands.applier.book()}),
      routes_(parts, std::move(routes)),
      health_(HealthNames()) {
  events_.AddTo(methods_);
  commands_.AddTo(methods_);
  queries_.AddTo(methods_);
  audits_.AddTo(methods_);
  schemas_.AddTo(methods_);
  policy_.AddTo(methods_);
  admin_.AddTo(methods_);
  access_.AddTo(methods_);
  cost_.AddTo(methods_);
  domains_.AddTo(methods_);
  snapshots_.AddTo(methods_);
  routes_.AddTo(methods_);
  health_.AddTo(methods_);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const ServiceParts& parts,
                                                      AdminService::Report report,
                                                      IndexControl index, BeginVerification verify,
                                                      RouteControl routes,
                                                      const CommandControl& commands) {
  std::unique_ptr<Server> server(new Server(parts, std::move(report), std::move(index),
                                            std::move(verify), std::move(routes), commands));
  NEXUS_RETURN_IF_ERROR(CheckComplete(server->methods_));
  if (options.reflection) AddReflection(ReflectedNames(), server->methods_);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(
      options.address,
      options.tls == nullptr ? grpc::InsecureServerCredentials() : options.tls->credentials(),
      &port);
  SetLimits(options, builder);
  builder.RegisterAsyncGenericService(&server->generic_);
  for (int i = 0; i < Threads(options.threads); ++i) {
    server->queues_.push_back(std::make_unique<CallQueue>(builder.AddCompletionQueue(),
                                                          server->generic_, server->methods_));
  }
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return MakeError(
        ErrorReason::kConfigurationInvalid,
        absl::StrCat("cannot listen on ", options.address, " (grpc.address): is the port taken?"));
  }
  const size_t colon = options.address.rfind(':');
  server->address_ = absl::StrCat(options.address.substr(0, colon), ":", port);
  for (const auto& queue : server->queues_) queue->Start();
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

void Server::SetServing(bool serving) { health_.SetServing(serving); }

void Server::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(absl::ToInt64Milliseconds(grace), GPR_TIMESPAN)));
  for (const auto& queue : queues_) queue->Stop();
  server_.reset();
}

}  // namespace nexus::rpc
