#pragma once

// Domains of a server, in the messages of the contract.
//
//   client::DomainClient domains(**client);
//   auto applied = domains.Apply(request);
//
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include <string>

#include "absl/status/statusor.h"
#include "nexus/admin/v1/domain.pb.h"
#include "nexus/client/client.h"

namespace nexus::client {

class DomainClient {
 public:
  explicit DomainClient(Client& client) : client_(client) {}

  absl::StatusOr<admin::v1::ApplyDomainResponse> Apply(
      const admin::v1::ApplyDomainRequest& request);
  absl::StatusOr<admin::v1::Domain> Remove(const admin::v1::RemoveDomainRequest& request);
  absl::StatusOr<admin::v1::ListDomainsResponse> List();
  // Version 0: the one that holds now.
  absl::StatusOr<admin::v1::Domain> Get(const std::string& name, uint64_t version);
  absl::StatusOr<admin::v1::ListDomainVersionsResponse> ListVersions(const std::string& name);
  absl::StatusOr<admin::v1::ApplyDomainResponse> Rollback(
      const admin::v1::RollbackDomainRequest& request);

 private:
  Client& client_;
};

}  // namespace nexus::client
