#pragma once

// What the files of the client share: stubs, options, calls.

#include <memory>

#include "client/calls.h"
#include "grpcpp/channel.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/admin/v1/cost.grpc.pb.h"
#include "nexus/admin/v1/domain.grpc.pb.h"
#include "nexus/admin/v1/route.grpc.pb.h"
#include "nexus/admin/v1/snapshot.grpc.pb.h"
#include "nexus/client/client.h"
#include "nexus/v1/audit.grpc.pb.h"
#include "nexus/v1/command.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/policy.grpc.pb.h"
#include "nexus/v1/query.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::client {

struct Client::Parts {
  Parts(ClientOptions options_in, std::shared_ptr<grpc::Channel> channel_in, Clock& clock_in,
        IdSource& ids_in)
      : options(std::move(options_in)),
        clock(clock_in),
        ids(ids_in),
        channel(std::move(channel_in)),
        events(v1::EventStoreService::NewStub(channel)),
        schemas(v1::SchemaRegistryService::NewStub(channel)),
        policy(v1::PolicyService::NewStub(channel)),
        admin(admin::v1::AdminService::NewStub(channel)),
        access(admin::v1::AccessService::NewStub(channel)),
        routes(admin::v1::RouteService::NewStub(channel)),
        domains(admin::v1::DomainService::NewStub(channel)),
        snapshots(admin::v1::SnapshotService::NewStub(channel)),
        commands(v1::CommandService::NewStub(channel)),
        queries(v1::QueryService::NewStub(channel)),
        traces(v1::AuditService::NewStub(channel)),
        costs(admin::v1::CostService::NewStub(channel)) {}

  const ClientOptions options;
  Clock& clock;
  IdSource& ids;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::EventStoreService::Stub> events;
  const std::unique_ptr<v1::SchemaRegistryService::Stub> schemas;
  const std::unique_ptr<v1::PolicyService::Stub> policy;
  const std::unique_ptr<admin::v1::AdminService::Stub> admin;
  const std::unique_ptr<admin::v1::AccessService::Stub> access;
  const std::unique_ptr<admin::v1::RouteService::Stub> routes;
  const std::unique_ptr<admin::v1::DomainService::Stub> domains;
  const std::unique_ptr<admin::v1::SnapshotService::Stub> snapshots;
  const std::unique_ptr<v1::CommandService::Stub> commands;
  const std::unique_ptr<v1::QueryService::Stub> queries;
  const std::unique_ptr<v1::AuditService::Stub> traces;
  const std::unique_ptr<admin::v1::CostService::Stub> costs;
  Calls calls;
};

}  // namespace nexus::client
