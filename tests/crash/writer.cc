#include "crash/writer.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <poll.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nexus/core/status_macros.h"

namespace nexus::crash {
namespace {

using v1::AppendRequest;
using v1::AppendResponse;

constexpr int kSharedStreams = 3;
constexpr uint64_t kEventsMax = 16;

// The stable reason of an error of ours; empty for one that gRPC itself made.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

// These promise that nothing was written; anything else may have been.
bool IsDefinite(const std::string& reason) {
  static const std::set<std::string> kDefinite = {"NOT_READY", "OVERLOADED", "DRAINING",
                                                  "POLICY_UNAVAILABLE", "DISK_FULL"};
  return kDefinite.count(reason) > 0;
}

// Whether the call was stored is unknown. A server that is stopping cancels what has just arrived.
bool ServerHasGone(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::CANCELLED;
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
}

std::string Describe(const grpc::Status& status) {
  return absl::StrCat(status.error_code(), " ", ReasonOf(status), " ", status.error_message());
}

}  // namespace

std::string Writer::NewUuid() {
  const uint64_t high = (random_() & ~0xF000ull) | 0x4000ull;
  const uint64_t low = (random_() & ~(3ull << 62)) | (2ull << 62);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xFFFF,
                         high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFFull);
}

void Writer::AddEvents(const std::string& stream, AppendRequest& request, StreamPart& part) {
  part.stream = stream;
  v1::StreamAppend& append = *request.add_streams();
  append.set_stream(stream);
  const uint64_t count = 1 + Below(kEventsMax);
  for (uint64_t i = 0; i < count; ++i) {
    v1::NewEvent& event = *append.add_events();
    event.set_type("CrashProbe");
    event.set_data(absl::StrFormat(R"({"writer":%d,"number":%d,"filler":"%s"})", number_,
                                   events_made_++, std::string(Below(400), 'x')));
    part.data.push_back(event.data());
  }
}

// Alone in its own stream a writer knows the revision; in the shared ones it does not.
AppendRequest Writer::NextRequest() {
  AppendRequest request;
  CommitRecord record;
  record.commit_id = NewUuid();
  request.set_commit_id(record.commit_id);
  must_fail_ = false;
  const uint64_t kind = Below(4);
  if (kind != 0) {
    AddEvents(absl::StrCat("crash-own-", number_), request, record.parts.emplace_back());
    v1::ExpectedRevision& expected =
        *request.mutable_streams()->rbegin()->mutable_expected_revision();
    // Now and then on purpose a wrong one: what is refused must never appear.
    must_fail_ = own_revision_.has_value() && Below(40) == 0;
    if (must_fail_) {
      expected.mutable_no_stream();
    } else if (own_revision_.has_value()) {
      expected.set_exact(*own_revision_);
    } else {
      expected.mutable_no_stream();
    }
  }
  if (kind <= 1) {
    AddEvents(absl::StrCat("crash-shared-", Below(kSharedStreams)), request,
              record.parts.emplace_back());
    request.mutable_streams()->rbegin()->mutable_expected_revision()->mutable_any();
  }
  record.called = ticks_.fetch_add(1);
  commits_.push_back(std::move(record));
  return request;
}

absl::Status Writer::NoteReceipt(const AppendResponse& receipt) {
  CommitRecord& commit = commits_.back();
  commit.answered = ticks_.fetch_add(1);
  if (must_fail_) return absl::InternalError("a wrong expected revision was accepted");
  commit.outcome = Outcome::kStored;
  commit.first_position = receipt.first_position();
  commit.last_position = receipt.last_position();
  if (receipt.commit_id() != commit.commit_id ||
      receipt.streams_size() != static_cast<int>(commit.parts.size())) {
    return absl::InternalError(absl::StrCat("wrong receipt: ", receipt.ShortDebugString()));
  }
  for (size_t i = 0; i < commit.parts.size(); ++i) {
    const v1::StreamResult& result = receipt.streams(static_cast<int>(i));
    commit.parts[i].first_revision = result.first_revision();
    if (commit.parts[i].stream == absl::StrCat("crash-own-", number_)) {
      own_revision_ = result.last_revision();
    }
  }
  if (Below(50) == 0) old_one_ = {last_request_, commit};
  return absl::OkStatus();
}

absl::Status Writer::Send(v1::EventStoreService::Stub& stub) {
  grpc::ClientContext context;
  SetDeadline(context);
  AppendResponse receipt;
  const grpc::Status status = stub.Append(&context, last_request_, &receipt);
  if (status.ok()) return NoteReceipt(receipt);
  const std::string reason = ReasonOf(status);
  if (must_fail_ && reason == "REVISION_CONFLICT") {
    commits_.back().outcome = Outcome::kRefused;
    return absl::OkStatus();
  }
  if (ServerHasGone(status) || IsDefinite(reason)) {
    return absl::UnavailableError(Describe(status));
  }
  return absl::InternalError(absl::StrCat("append: ", Describe(status)));
}

absl::Status Writer::SendAnOldOneAgain(v1::EventStoreService::Stub& stub) {
  if (!old_one_.has_value() || Below(20) != 0) return absl::OkStatus();
  grpc::ClientContext context;
  SetDeadline(context);
  AppendResponse receipt;
  const grpc::Status status = stub.Append(&context, old_one_->first, &receipt);
  if (ServerHasGone(status)) return absl::OkStatus();
  if (!status.ok()) return absl::InternalError(absl::StrCat("repetition: ", Describe(status)));
  if (receipt.repeated_commit() && receipt.first_position() == old_one_->second.first_position) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("not the first verdict: ", receipt.ShortDebugString()));
}

absl::Status Writer::RunUntilTheEnd(v1::EventStoreService::Stub& stub) {
  while (true) {
    NEXUS_RETURN_IF_ERROR(SendAnOldOneAgain(stub));
    last_request_ = NextRequest();
    const absl::Status status = Send(stub);
    if (absl::IsUnavailable(status)) return absl::OkStatus();
    NEXUS_RETURN_IF_ERROR(status);
  }
}

absl::Status Writer::Settle(v1::EventStoreService::Stub& stub, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  absl::Status status = absl::OkStatus();
  while (HasUnknown()) {
    status = Send(stub);
    if (status.ok()) continue;
    if (!absl::IsUnavailable(status) || absl::Now() > deadline) return status;
    poll(nullptr, 0, 20);  // a daemon that asks to be called again later is not hammered
  }
  return absl::OkStatus();
}

}  // namespace nexus::crash
