#include "rpc/call_context.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/trace_context.h"
#include "rpc/method_access.h"
#include "rpc/peer_address.h"

namespace nexus::rpc {
namespace {

absl::string_view Metadata(const grpc::ServerContextBase& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

// Of a client whose certificate TLS has verified: the one URI among its names, else its common
// name.
std::string CertificateIdentity(const grpc::ServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return "";
  const std::vector<grpc::string_ref> uris = peer->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (uris.size() == 1) return std::string(uris[0].data(), uris[0].size());
  const auto names = peer->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
  if (!uris.empty() || names.size() != 1) return "";
  return std::string(names[0].data(), names[0].size());
}

}  // namespace

absl::StatusOr<engine::Caller> CallerOf(const ServerCall& call, const ServiceParts& parts,
                                        absl::Duration default_timeout) {
  const grpc::ServerContext& context = call.context();
  engine::Caller caller;
  const std::string certificate = CertificateIdentity(context);
  NEXUS_ASSIGN_OR_RETURN(
      identity::Identity identity,
      parts.authenticator.Authenticate({Metadata(context, "authorization"), certificate}));
  caller.principal = std::move(identity.principal);
  caller.access = std::move(identity.access);
  NEXUS_RETURN_IF_ERROR(CheckMethodAccess(call.method(), caller));
  if (!caller.principal.authenticated) caller.address = PeerAddress(context.peer());
  if (parts.limiter != nullptr) {
    NEXUS_RETURN_IF_ERROR(parts.limiter->Take({caller.account(), caller.principal.roles},
                                              identity::LimitKind::kRequests));
  }
  caller.correlation_id = std::string(Metadata(context, "x-correlation-id"));
  caller.traceparent = std::string(Metadata(context, "traceparent"));
  caller.tracestate = std::string(Metadata(context, "tracestate"));
  if (!caller.traceparent.empty()) {
    NEXUS_RETURN_IF_ERROR(CheckTraceparent(caller.traceparent));
    NEXUS_RETURN_IF_ERROR(CheckTracestate(caller.tracestate));
  }

  // gRPC's deadline is a wall-clock point; what is left of it is what counts here.
  absl::Duration left = default_timeout;
  if (const auto deadline = context.deadline(); deadline != deadline.max()) {
    const absl::Time now = absl::FromUnixMicros(parts.engine.clock().Now().micros);
    const absl::Duration stated = absl::FromChrono(deadline) - now;
    if (stated < absl::Hours(24 * 365)) left = stated;
  }
  caller.deadline = parts.engine.clock().Monotonic() + left;
  return caller;
}

engine::Caller CallerOfCommit(const engine::Caller& call, const Clock& clock) {
  engine::Caller caller = call;
  caller.deadline = std::min(call.deadline, clock.Monotonic() + kDefaultTimeout);
  return caller;
}

}  // namespace nexus::rpc
