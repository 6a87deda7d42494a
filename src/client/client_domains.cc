// Domains: the client's part.

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/domain.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

using admin::v1::DomainService;
using DomainStub = DomainService::Stub;

// One call of the service.
template <typename Parts, typename Response, typename Request>
absl::StatusOr<Response> AskDomains(Parts& parts,
                                    grpc::Status (DomainStub::*method)(grpc::ClientContext*,
                                                                       const Request&, Response*),
                                    const Request& request) {
  Call call(parts.calls, parts.options.token, parts.options.timeout);
  Response response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc((parts.domains.get()->*method)(call.context(), request, &response)));
  return response;
}

}  // namespace

absl::StatusOr<admin::v1::ApplyDomainResponse> DomainClient::Apply(
    const admin::v1::ApplyDomainRequest& request) {
  return AskDomains(*client_.parts_, &DomainStub::ApplyDomain, request);
}
absl::StatusOr<admin::v1::Domain> DomainClient::Remove(
    const admin::v1::RemoveDomainRequest& request) {
  return AskDomains(*client_.parts_, &DomainStub::RemoveDomain, request);
}
absl::StatusOr<admin::v1::ListDomainsResponse> DomainClient::List() {
  return AskDomains(*client_.parts_, &DomainStub::ListDomains, admin::v1::ListDomainsRequest());
}
absl::StatusOr<admin::v1::Domain> DomainClient::Get(const std::string& name, uint64_t version) {
  admin::v1::GetDomainRequest request;
  request.set_name(name);
  request.set_version(version);
  return AskDomains(*client_.parts_, &DomainStub::GetDomain, request);
}
absl::StatusOr<admin::v1::ListDomainVersionsResponse> DomainClient::ListVersions(
    const std::string& name) {
  admin::v1::ListDomainVersionsRequest request;
  request.set_name(name);
  return AskDomains(*client_.parts_, &DomainStub::ListDomainVersions, request);
}
absl::StatusOr<admin::v1::ApplyDomainResponse> DomainClient::Rollback(
    const admin::v1::RollbackDomainRequest& request) {
  return AskDomains(*client_.parts_, &DomainStub::RollbackDomain, request);
}

}  // namespace nexus::client
