#pragma once

// Domains on the wire. Pure; thread-safe.

#include <string>

#include "domain/apply/domain_applier.h"
#include "nexus/admin/v1/domain.pb.h"

namespace nexus::rpc {

enum class WithFiles { kNo, kYes };

// Takes the texts out of `request`.
domain::DomainPackage ToPackage(admin::v1::ApplyDomainRequest& request);

void FillDomain(const domain::DomainRecord& record, WithFiles files, admin::v1::Domain& out);
// The aggregates and commands of a domain that is applied.
void FillDeclared(const domain::DomainState& state, const std::string& name,
                  admin::v1::Domain& out);
void FillOutcome(const domain::ApplyOutcome& outcome, admin::v1::ApplyDomainResponse& out);

}  // namespace nexus::rpc
