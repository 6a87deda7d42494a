// Queries of the past: the client's part.

#include <algorithm>

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/query.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

using QueryStub = v1::QueryService::Stub;

// What the server may take for one page, and a little.
constexpr absl::Duration kTimeoutMin = absl::Seconds(35);

template <typename Parts, typename Response, typename Request>
absl::StatusOr<Response> AskQuery(Parts& parts,
                                  grpc::Status (QueryStub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                                  const Request& request) {
  Call call(parts.calls, parts.options.token, std::max(parts.options.timeout, kTimeoutMin));
  Response response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc((parts.queries.get()->*method)(call.context(), request, &response)));
  return response;
}

}  // namespace

absl::StatusOr<v1::StateAsOfResponse> QueryClient::StateAsOf(const v1::StateAsOfRequest& request) {
  return AskQuery(*client_.parts_, &QueryStub::StateAsOf, request);
}
absl::StatusOr<v1::DiffResponse> QueryClient::Diff(const v1::DiffRequest& request) {
  return AskQuery(*client_.parts_, &QueryStub::Diff, request);
}
absl::StatusOr<v1::FieldHistoryResponse> QueryClient::FieldHistory(
    const v1::FieldHistoryRequest& request) {
  return AskQuery(*client_.parts_, &QueryStub::FieldHistory, request);
}

}  // namespace nexus::client
