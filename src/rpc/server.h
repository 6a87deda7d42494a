#pragma once

// The gRPC server: services, health, reflection, limits, and an orderly end.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "rpc/access_service.h"
#include "rpc/admin_service.h"
#include "rpc/audit_service.h"
#include "rpc/call_context.h"
#include "rpc/command_service.h"
#include "rpc/cost_service.h"
#include "rpc/domain_service.h"
#include "rpc/event_store_service.h"
#include "rpc/policy_service.h"
#include "rpc/query_service.h"
#include "rpc/route_service.h"
#include "rpc/schema_registry_service.h"
#include "rpc/snapshot_service.h"
#include "rpc/tls_credentials.h"
#include "rpc/transport/call_queue.h"
#include "rpc/transport/health_service.h"
#include "rpc/transport/method_table.h"

namespace nexus::rpc {

struct ServerOptions {
  std::string address = "127.0.0.1:7070";  // port 0: any free one
  int message_bytes_max = 4 << 20;
  int streams_per_connection_max = 1'000;
  size_t memory_bytes_max = 256 << 20;  // of messages on their way in and out, all connections
  bool reflection = true;
  int threads = 0;  // that poll, each with its own queue; 0: one for every four cores
  const TlsCredentials* tls = nullptr;  // nullptr: connections are not encrypted
};

// What decides commands, what asks for the past, and what applies the domains that declare both.
struct CommandControl {
  command::CommandRunner& runner;
  temporal::TemporalQueries& queries;
  trace::Tracer& tracer;
  domain::DomainApplier& applier;
  SnapshotStore& snapshots;
  snapshot::FoldDigests& digests;
};

class Server {
 public:
  // CONFIGURATION_INVALID if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const ServiceParts& parts,
                                                       AdminService::Report report,
                                                       IndexControl index, BeginVerification verify,
                                                       RouteControl routes,
                                                       const CommandControl& commands);
  ~Server();

  // "127.0.0.1:41234": with the port in use.
  const std::string& address() const { return address_; }

  // Health answers SERVING or NOT_SERVING, for the server and each service.
  void SetServing(bool serving);

  // No new calls; those under way may finish until `grace` has passed, then they are cancelled.
  void Shutdown(absl::Duration grace);

 private:
  Server(const ServiceParts& parts, AdminService::Report report, IndexControl index,
         BeginVerification verify, RouteControl routes, const CommandControl& commands);

  EventStoreService events_;
  CommandService commands_;
  QueryService queries_;
  AuditService audits_;
  SchemaRegistryService schemas_;
  PolicyService policy_;
  AdminService admin_;
  AccessService access_;
  CostService cost_;
  DomainService domains_;
  SnapshotService snapshots_;
  RouteService routes_;
  HealthService health_;
  MethodTable methods_;
  grpc::AsyncGenericService generic_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<CallQueue>> queues_;
};

}  // namespace nexus::rpc
