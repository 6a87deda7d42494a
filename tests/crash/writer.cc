#include "crash/writer.h"

#include <poll.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "crash/wire.h"
#include "nexus/core/status_macros.h"

namespace nexus::crash {

absl::Status Writer::Send(v1::EventStoreService::Stub& stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::AppendResponse response;
  history::AppendCall call = history::Begin(number_, ticks_.Next(), *pending_);
  const grpc::Status status = stub.Append(&context, ToRequest(*pending_), &response);
  const absl::StatusOr<CommitReceipt> verdict = ToVerdict(status, response);
  history::Answer(call, ticks_.Next(), verdict);
  maker_.Learn(call);
  const ErrorReason reason = call.reason;
  journal_.appends.push_back(std::move(call));
  if (!verdict.ok() && ServerHasGone(verdict.status())) {
    return absl::UnavailableError(std::string(verdict.status().message()));
  }
  if (verdict.ok() || reason == ErrorReason::kRevisionConflict ||
      reason == ErrorReason::kAppendConditionFailed || reason == ErrorReason::kEventIdTaken) {
    pending_.reset();
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("append: ", verdict.status().ToString()));
}

absl::Status Writer::RunUntilTheEnd(v1::EventStoreService::Stub& stub) {
  while (true) {
    pending_ = maker_.Next();
    const absl::Status status = Send(stub);
    if (absl::IsUnavailable(status)) return absl::OkStatus();
    NEXUS_RETURN_IF_ERROR(status);
  }
}

absl::Status Writer::Settle(v1::EventStoreService::Stub& stub, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (HasUnknown()) {
    const absl::Status status = Send(stub);
    if (status.ok()) continue;
    if (!absl::IsUnavailable(status) || absl::Now() > deadline) return status;
    poll(nullptr, 0, 20);  // a daemon that asks to be called again later is not hammered
  }
  return absl::OkStatus();
}

}  // namespace nexus::crash
