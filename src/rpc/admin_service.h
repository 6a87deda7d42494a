#pragma once

// nexus.admin.v1.AdminService. What it shows is gathered by a callback, because status spans parts
// (the router, the policy child) that the engine does not know.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "nexus/admin/v1/admin.pb.h"
#include "nexus/core/position.h"
#include "nexus/port/log_verification.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

struct ComponentStatus {
  std::string name;
  bool ok = false;
  std::string detail;
  bool needed = true;  // without it the server is not ready
};

struct SinkReport {
  std::string name;
  bool ok = false;
  std::string detail;
  Position checkpoint;
  uint64_t lag_events = 0;
  uint64_t delivered = 0;
};

struct ServerReport {
  std::string version;
  std::string data_folder;
  Timestamp started;
  uint64_t incarnation = 0;
  std::vector<ComponentStatus> components;
  std::vector<SinkReport> sinks;
};

struct IndexProgress {
  Position indexed_to;
  uint64_t rebuilds = 0;  // that have begun
  std::string problem;    // why it does not come on; empty: it does
};

// Both thread-safe; must not block.
struct IndexControl {
  // Begins soon. Gives what IndexProgress::rebuilds is at least once it has.
  std::function<uint64_t()> rebuild;
  std::function<IndexProgress()> progress;
};

// Begins a walk; thread-safe.
using BeginVerification = std::function<std::unique_ptr<LogVerification>()>;

class AdminService {
 public:
  // `report` must be thread-safe and must not block.
  using Report = std::function<ServerReport()>;

  AdminService(const ServiceParts& parts, Report report, IndexControl index,
               BeginVerification verify)
      : parts_(parts),
        report_(std::move(report)),
        index_(std::move(index)),
        verify_(std::move(verify)) {}

  void AddTo(MethodTable& table);

 private:
  void GetStatus(UnaryPtr<admin::v1::GetStatusRequest, admin::v1::GetStatusResponse> call);
  void Drain(UnaryPtr<admin::v1::DrainRequest, admin::v1::DrainResponse> call);
  void VerifyLog(ServerCall& call);
  void VerifySchemas(ServerCall& call);
  void VerifyAudit(ServerCall& call, const grpc::ByteBuffer& bytes);
  void GetServiceGraph(ServerCall& call);

  const ServiceParts parts_;
  const Report report_;
  const IndexControl index_;
  const BeginVerification verify_;
};

}  // namespace nexus::rpc
