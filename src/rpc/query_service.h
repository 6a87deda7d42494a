#pragma once

// nexus.v1.QueryService over the queries of the past.

#include "nexus/v1/query.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"
#include "temporal/temporal_queries.h"

namespace nexus::rpc {

class QueryService {
 public:
  // `queries` must outlive every call.
  QueryService(const ServiceParts& parts, temporal::TemporalQueries& queries)
      : parts_(parts), queries_(queries) {}

  void AddTo(MethodTable& table);

 private:
  void StateAsOf(UnaryPtr<v1::StateAsOfRequest, v1::StateAsOfResponse> call);
  void Diff(UnaryPtr<v1::DiffRequest, v1::DiffResponse> call);
  void FieldHistory(UnaryPtr<v1::FieldHistoryRequest, v1::FieldHistoryResponse> call);

  const ServiceParts parts_;
  temporal::TemporalQueries& queries_;
};

}  // namespace nexus::rpc
