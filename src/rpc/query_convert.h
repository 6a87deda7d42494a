#pragma once

// Messages of nexus.v1.QueryService to values and back. Pure.

#include "absl/status/statusor.h"
#include "nexus/v1/query.pb.h"
#include "temporal/past_query.h"

namespace nexus::rpc {

// MALFORMED_REQUEST for a point that names no kind.
absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::StateAsOfRequest&& request);
absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::DiffRequest&& request);
absl::StatusOr<temporal::PastQuery> ToPastQuery(v1::FieldHistoryRequest&& request);

void FillPastAnswer(temporal::PastAnswer&& answer, v1::StateAsOfResponse& out);
void FillPastAnswer(temporal::PastAnswer&& answer, v1::DiffResponse& out);
void FillPastAnswer(temporal::PastAnswer&& answer, v1::FieldHistoryResponse& out);

}  // namespace nexus::rpc
