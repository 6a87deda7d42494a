#include "rpc/query_service.h"

#include <utility>

#include "rpc/query_convert.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

// For the three, which answer alike.
template <typename Request, typename Response>
void Ask(temporal::TemporalQueries& queries, UnaryPtr<Request, Response> call) {
  absl::StatusOr<temporal::PastQuery> query = ToPastQuery(std::move(call->request()));
  if (!call->Ready(query.status())) return;
  queries.Ask(*std::move(query), std::move(call->caller()),
              [call](absl::StatusOr<temporal::PastAnswer> answer) {
                if (answer.ok()) FillPastAnswer(*std::move(answer), call->response());
                call->Finish(answer.status());
              });
}

}  // namespace

void QueryService::AddTo(MethodTable& table) {
  using Self = QueryService;
  table.Add(kQueryService, "StateAsOf", Unary(parts_, *this, &Self::StateAsOf));
  table.Add(kQueryService, "Diff", Unary(parts_, *this, &Self::Diff));
  table.Add(kQueryService, "FieldHistory", Unary(parts_, *this, &Self::FieldHistory));
}

void QueryService::StateAsOf(UnaryPtr<v1::StateAsOfRequest, v1::StateAsOfResponse> call) {
  Ask(queries_, std::move(call));
}

void QueryService::Diff(UnaryPtr<v1::DiffRequest, v1::DiffResponse> call) {
  Ask(queries_, std::move(call));
}

void QueryService::FieldHistory(UnaryPtr<v1::FieldHistoryRequest, v1::FieldHistoryResponse> call) {
  Ask(queries_, std::move(call));
}

}  // namespace nexus::rpc
