#pragma once

// Proto messages to values and back. Nothing is checked here but what has no form in the values.

#include <optional>

#include "absl/status/statusor.h"
#include "engine/draft.h"
#include "google/protobuf/timestamp.pb.h"
#include "nexus/core/commit.h"
#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"
#include "nexus/v1/event.pb.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::rpc {

engine::CommitDraft ToDraft(const v1::AppendRequest& request);
// The same; takes the texts out of `request`, which must not be read again before it is cleared.
engine::CommitDraft ToDraft(v1::AppendRequest&& request);

RoutingHints ToHints(const v1::RoutingHints& hints);
// Nothing if it names no kind.
std::optional<ExpectedRevision> ToExpected(const v1::ExpectedRevision& expected);
void FillWarning(const AppendWarning& warning, v1::AppendWarning& out);
void FillReceipt(const CommitReceipt& receipt, v1::AppendResponse& response);
void FillStream(const StreamInfo& info, v1::Stream& out);
// The first microsecond that is not before `time`: the log counts in these.
Timestamp ToTimestamp(const google::protobuf::Timestamp& time);
void FillTimestamp(Timestamp time, google::protobuf::Timestamp& out);

}  // namespace nexus::rpc
