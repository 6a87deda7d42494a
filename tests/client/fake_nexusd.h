#pragma once

// A small nexusd in memory behind the real gRPC contract, on a free port, for tests of the client
// and of nexusctl. It governs nothing: what it refuses, a test says. Thread-safe.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "nexus/admin/v1/admin.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"
#include "nexus/v1/policy.grpc.pb.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::testing {

// A status as src/rpc makes it: ErrorInfo with `reason`, after `details`.
grpc::Status RichError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                       const std::vector<const google::protobuf::Message*>& details = {});

class FakeNexusd {
 public:
  FakeNexusd();
  ~FakeNexusd();

  const std::string& address() const { return address_; }

  // Answers before anything is stored; OK goes on to store.
  using Gate = std::function<grpc::Status(const v1::AppendRequest&)>;
  void SetAppendGate(Gate gate);
  void SetCheckGate(Gate gate);  // PERMISSION_DENIED becomes a denial of rule "append_only"
  // What a schema says; default: everything is valid.
  void SetViolations(std::vector<v1::SchemaViolation> violations);
  void SetReady(bool ready);
  // What GetServiceGraph answers, one after another.
  void SetGraph(std::vector<admin::v1::GetServiceGraphResponse> messages);

  // Stores events as a client would.
  void Store(const std::string& stream, const std::string& type, const std::string& data);

  std::vector<v1::AppendRequest> appends() const;  // those that arrived
  std::vector<v1::Event> events() const;
  std::string last_authorization() const;

 private:
  struct State;
  class EventStore;
  class Schemas;
  class Policy;
  class Admin;

  const std::unique_ptr<State> state_;
  const std::unique_ptr<EventStore> event_store_;
  const std::unique_ptr<Schemas> schemas_;
  const std::unique_ptr<Policy> policy_;
  const std::unique_ptr<Admin> admin_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace nexus::testing
