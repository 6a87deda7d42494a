#include "crash/wire.h"

#include "client/convert.h"
#include "client/status.h"
#include "nexus/core/status_macros.h"

namespace nexus::crash {
namespace {

void SetExpected(const ExpectedRevision& expected, v1::ExpectedRevision& out) {
  switch (expected.kind) {
    case ExpectedRevision::Kind::kAny:
      out.mutable_any();
      return;
    case ExpectedRevision::Kind::kNoStream:
      out.mutable_no_stream();
      return;
    case ExpectedRevision::Kind::kStreamExists:
      out.mutable_stream_exists();
      return;
    case ExpectedRevision::Kind::kExact:
      out.set_exact(expected.exact.value);
  }
}

void SetCondition(const AppendCondition& condition, v1::AppendCondition& out) {
  for (const FilterItem& item : condition.fail_if_match.items) {
    v1::FilterItem& to = *out.mutable_fail_if_match()->add_items();
    for (const std::string& type : item.types) to.add_types(type);
    for (const std::string& tag : item.tags) to.add_tags(tag);
  }
  out.set_after(condition.after.value);
}

}  // namespace

v1::AppendRequest ToRequest(const Commit& commit) {
  v1::AppendRequest request;
  request.set_commit_id(commit.id.ToString());
  for (const CommitStream& stream : commit.streams) {
    v1::StreamAppend& append = *request.add_streams();
    append.set_stream(stream.name.str());
    SetExpected(stream.expected, *append.mutable_expected_revision());
  }
  for (const CommitEvent& entry : commit.events) {
    v1::NewEvent& event =
        *request.mutable_streams(static_cast<int>(entry.stream_index))->add_events();
    event.set_event_id(entry.event.id.ToString());
    event.set_type(entry.event.type);
    event.set_data(entry.event.data);
    for (const std::string& tag : entry.event.tags) event.add_tags(tag);
  }
  for (const AppendCondition& condition : commit.conditions) {
    SetCondition(condition, *request.add_conditions());
  }
  return request;
}

absl::StatusOr<CommitReceipt> ToVerdict(const grpc::Status& status,
                                        const v1::AppendResponse& response) {
  if (!status.ok()) return client::FromGrpcAppend(status);
  return client::FromProto(response);
}

absl::StatusOr<history::SeenEvent> ToSeen(const v1::Event& event) {
  NEXUS_ASSIGN_OR_RETURN(const RecordedEvent recorded, client::FromProto(event));
  return history::Seen(recorded);
}

absl::StatusOr<history::LoggedEvent> ToLogged(const v1::Event& event) {
  NEXUS_ASSIGN_OR_RETURN(const RecordedEvent recorded, client::FromProto(event));
  return history::Logged(recorded);
}

bool ServerHasGone(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case ErrorReason::kNotReady:
    case ErrorReason::kOutcomeUnknown:
    case ErrorReason::kOverloaded:
    case ErrorReason::kDiskFull:
    case ErrorReason::kDraining:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kCancelled:
    case ErrorReason::kPolicyUnavailable:
      return true;
    default:
      return absl::IsUnavailable(status) || absl::IsCancelled(status);
  }
}

}  // namespace nexus::crash
