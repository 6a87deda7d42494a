#include "nexus/client/client.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "client/channel.h"
#include "client/convert.h"
#include "client/parts.h"
#include "client/repeat_safely.h"
#include "client/status.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

// A header carries printable ASCII; gRPC ends the process on anything else.
absl::Status CheckToken(const std::string& token) {
  for (const char c : token) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return MakeError(ErrorReason::kMalformedRequest,
                       "the token holds a space, a control character or a byte beyond ASCII");
    }
  }
  return absl::OkStatus();
}

}  // namespace

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::~Client() = default;

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(ClientOptions options, Clock& clock,
                                                        IdSource& ids) {
  NEXUS_RETURN_IF_ERROR(CheckToken(options.token));
  NEXUS_ASSIGN_OR_RETURN(
      std::shared_ptr<grpc::Channel> channel,
      OpenChannel(options.server, options.timeout, /*own_connection=*/false, options.tls));
  return std::unique_ptr<Client>(
      new Client(std::make_unique<Parts>(std::move(options), std::move(channel), clock, ids)));
}

absl::StatusOr<CommitReceipt> Client::Append(CommitDraft draft) {
  if (draft.commit_id.empty()) draft.commit_id = FormatUuid(parts_->ids.NewUuid());
  const v1::AppendRequest request = ToProto(draft);
  v1::AppendResponse response;
  NEXUS_RETURN_IF_ERROR(RepeatSafely(*parts_, [&](grpc::ClientContext* context) {
    response.Clear();
    return parts_->events->Append(context, request, &response);
  }));
  return FromProto(response);
}

absl::StatusOr<StreamInfo> Client::GetStream(const std::string& stream) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::GetStreamRequest request;
  request.set_stream(stream);
  v1::Stream response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->events->GetStream(call.context(), request, &response)));
  return FromProto(response);
}

absl::StatusOr<StreamPage> Client::ListStreams(const StreamQuery& query, std::string& page_token) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::ListStreamsRequest request;
  request.set_page_size(static_cast<int32_t>(std::min<size_t>(query.limit, 1'000)));
  request.set_page_token(page_token);
  request.set_name_prefix(query.name_prefix);
  request.set_category(query.category);
  request.set_include_system(query.include_system);
  v1::ListStreamsResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->events->ListStreams(call.context(), request, &response)));
  StreamPage page;
  for (const v1::Stream& stream : response.streams()) page.streams.push_back(FromProto(stream));
  page_token = response.next_page_token();
  page.end = page_token.empty();
  return page;
}

absl::StatusOr<PolicyVerdict> Client::CheckPolicy(const CommitDraft& draft) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::CheckRequest request;
  *request.mutable_append() = ToProto(draft);
  v1::CheckResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->policy->Check(call.context(), request, &response)));
  PolicyVerdict verdict;
  verdict.allowed = response.allowed();
  for (const auto& denial : response.denials()) {
    verdict.denials.push_back({denial.rule(), denial.message()});
  }
  for (const auto& outcome : response.outcomes()) {
    verdict.outcomes.push_back({outcome.rule(), outcome.message(), outcome.mode()});
  }
  verdict.policy_revision = response.policy_revision();
  return verdict;
}

absl::StatusOr<ServerStatus> Client::GetStatus() {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::GetStatusResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->admin->GetStatus(call.context(), {}, &response)));
  return FromProto(response);
}

absl::StatusOr<uint64_t> Client::RebuildIndex(
    const std::function<void(const RebuildProgress&)>& told) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  const auto reader = parts_->admin->RebuildIndex(call.context(), {});
  admin::v1::RebuildIndexResponse response;
  uint64_t indexed_to = 0;
  while (reader->Read(&response)) {
    indexed_to = response.indexed_to();
    told({Position(indexed_to), Position(response.target()), response.problem()});
  }
  NEXUS_RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  return indexed_to;
}

absl::StatusOr<Verification> Client::VerifyLog(
    absl::FunctionRef<void(const Verification&)> on_progress) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  const auto reader = parts_->admin->VerifyLog(call.context(), {});
  admin::v1::VerifyLogResponse response;
  Verification now;
  while (reader->Read(&response)) {
    now.position = Position(response.position());
    now.head = Position(response.head());
    now.errors = response.errors();
    now.findings.assign(response.findings().begin(), response.findings().end());
    on_progress(now);
  }
  NEXUS_RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  if (response.done()) return now;
  return MakeError(ErrorReason::kNotReady, "the server ended the verification early");
}

void Client::Cancel() { parts_->calls.CancelAll(); }

}  // namespace nexus::client
