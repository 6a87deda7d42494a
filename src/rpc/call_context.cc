#include "rpc/call_context.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/trace_context.h"
#include "rpc/call_audit.h"
#include "rpc/method_access.h"
#include "rpc/peer_address.h"
#include "tls/peer_names.h"

namespace nexus::rpc {
namespace {

absl::string_view Metadata(const grpc::ServerContextBase& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

std::vector<std::string> Properties(const grpc::AuthContext& peer, const char* name) {
  std::vector<std::string> texts;
  for (const grpc::string_ref& text : peer.FindPropertyValues(name)) {
    texts.emplace_back(text.data(), text.size());
  }
  return texts;
}

// Of a client that showed a certificate, which TLS has verified.
std::optional<tls::PeerNames> NamesOf(const grpc::ServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return std::nullopt;
  tls::PeerNames names{Properties(*peer, GRPC_PEER_URI_PROPERTY_NAME),
                       Properties(*peer, GRPC_PEER_DNS_PROPERTY_NAME),
                       {}};
  if (!names.uris.empty() || !names.dns_names.empty()) return names;
  // Of several common names gRPC tells one, so they are read again.
  const std::vector<std::string> pem = Properties(*peer, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return pem.empty() ? names : tls::NamesInPem(pem.front());
}

}  // namespace

absl::StatusOr<engine::Caller> CallerOf(const ServerCall& call, const ServiceParts& parts,
                                        absl::Duration default_timeout) {
  const grpc::ServerContext& context = call.context();
  engine::Caller caller;
  const absl::string_view token = Metadata(context, "authorization");
  // A token goes before a certificate, which is read for nothing else.
  std::optional<tls::PeerNames> certificate;
  if (token.empty()) certificate = NamesOf(context);
  absl::StatusOr<identity::Identity> identity =
      parts.authenticator.Authenticate({token, certificate.has_value() ? &*certificate : nullptr});
  if (!identity.ok()) {
    RecordAuthenticationFailure(parts.engine.ledger(), call, identity.status());
    return identity.status();
  }
  caller.principal = std::move(identity->principal);
  caller.access = std::move(identity->access);
  caller.peer = context.peer();
  if (const absl::Status denied = CheckMethodAccess(call.method(), caller); !denied.ok()) {
    return RecordMethodDenial(parts.engine.ledger(), call.method(), caller, denied);
  }
  if (!caller.principal.authenticated) caller.address = PeerAddress(caller.peer);
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
