#pragma once

// nexus.admin.v1.DomainService over the applier of domains.

#include "domain/apply/domain_applier.h"
#include "nexus/admin/v1/domain.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class DomainService {
 public:
  // `applier` must outlive every call.
  DomainService(const ServiceParts& parts, domain::DomainApplier& applier)
      : parts_(parts), applier_(applier) {}

  void AddTo(MethodTable& table);

 private:
  void ApplyDomain(UnaryPtr<admin::v1::ApplyDomainRequest, admin::v1::ApplyDomainResponse> call);
  void RemoveDomain(UnaryPtr<admin::v1::RemoveDomainRequest, admin::v1::Domain> call);
  void ListDomains(UnaryPtr<admin::v1::ListDomainsRequest, admin::v1::ListDomainsResponse> call);
  void GetDomain(UnaryPtr<admin::v1::GetDomainRequest, admin::v1::Domain> call);
  void ListDomainVersions(
      UnaryPtr<admin::v1::ListDomainVersionsRequest, admin::v1::ListDomainVersionsResponse> call);
  void RollbackDomain(
      UnaryPtr<admin::v1::RollbackDomainRequest, admin::v1::ApplyDomainResponse> call);

  const ServiceParts parts_;
  domain::DomainApplier& applier_;
};

}  // namespace nexus::rpc
