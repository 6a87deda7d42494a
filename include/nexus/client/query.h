#pragma once

// Queries of the past, in the messages of the contract.
//
//   client::QueryClient queries(**client);
//   auto state = queries.StateAsOf(request);
//
// One call is one page: where an answer has a continuation, send the request again with it.
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include "absl/status/statusor.h"
#include "nexus/client/client.h"
#include "nexus/v1/query.pb.h"

namespace nexus::client {

class QueryClient {
 public:
  explicit QueryClient(Client& client) : client_(client) {}

  absl::StatusOr<v1::StateAsOfResponse> StateAsOf(const v1::StateAsOfRequest& request);
  absl::StatusOr<v1::DiffResponse> Diff(const v1::DiffRequest& request);
  absl::StatusOr<v1::FieldHistoryResponse> FieldHistory(const v1::FieldHistoryRequest& request);

 private:
  Client& client_;
};

}  // namespace nexus::client
