#include "client/calls.h"

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"

namespace nexus::client {

void Calls::CancelAll() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* context : contexts_) context->TryCancel();
}

bool Calls::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

bool Calls::Wait(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), duration);
}

void Calls::Enter(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  contexts_.insert(context);
  // Before the call starts this makes it end at once.
  if (cancelled_) context->TryCancel();
}

void Calls::Leave(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  contexts_.erase(context);
}

Call::Call(Calls& calls, const std::string& token, absl::Duration timeout) : calls_(calls) {
  if (!token.empty()) context_.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  if (timeout < absl::InfiniteDuration()) context_.set_deadline(DeadlineAfter(timeout));
  calls_.Enter(&context_);
}

Call::~Call() { calls_.Leave(&context_); }

gpr_timespec DeadlineAfter(absl::Duration timeout) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(absl::ToInt64Microseconds(timeout), GPR_TIMESPAN));
}

}  // namespace nexus::client
