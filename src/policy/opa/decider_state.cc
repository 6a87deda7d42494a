#include "policy/opa/decider_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/failure.h"

namespace nexus::policy {

absl::Status DeciderState::Accept(Waiting& waiting) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return Undecided(kStopped, "the server is stopping");
  if (!breaker_.Accepts()) {
    return Undecided(kCircuitOpen, absl::StrCat("it failed before: ", breaker_.reason()));
  }
  if (queue_.full()) return Undecided(kQueueFull, "too many questions wait");
  queue_.Push(std::move(waiting));
  return absl::OkStatus();
}

std::vector<Waiting> DeciderState::TakeBatch() {
  absl::MutexLock lock(&mutex_);
  if (!breaker_.Asks()) return {};
  return queue_.TakeBatch(limits_.batch);
}

bool DeciderState::HasBatch() const {
  absl::MutexLock lock(&mutex_);
  return breaker_.Asks() && !queue_.empty();
}

std::vector<Waiting> DeciderState::TakeExpired(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  return queue_.TakeExpired(now);
}

void DeciderState::PutBack(std::vector<Waiting> waiting) {
  absl::MutexLock lock(&mutex_);
  queue_.PutBack(std::move(waiting));
}

std::vector<Waiting> DeciderState::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  return queue_.TakeAll();
}

bool DeciderState::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

bool DeciderState::TakeProbe(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (now < std::min(breaker_.ProbeDue(), idle_probe_due_)) return false;
  breaker_.OnProbeStarted();
  idle_probe_due_ = absl::InfiniteDuration();
  return true;
}

void DeciderState::ProbeSoon(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  // An engine that closes each connection after its answer must not be probed in a circle.
  const absl::Duration due = std::max(now, last_answer_ + absl::Milliseconds(100));
  if (breaker_.Asks()) idle_probe_due_ = std::min(idle_probe_due_, due);
}

absl::Duration DeciderState::NextDue() const {
  absl::MutexLock lock(&mutex_);
  return std::min({breaker_.ProbeDue(), idle_probe_due_, queue_.earliest_deadline()});
}

void DeciderState::Succeeded(absl::string_view revision, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  breaker_.OnSuccess();
  OnAnswer(revision, now);
}

void DeciderState::ProbeSucceeded(absl::string_view revision, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (!breaker_.Asks()) breaker_.OnProbeSucceeded();
  OnAnswer(revision, now);
}

void DeciderState::OnAnswer(absl::string_view revision, absl::Duration now) {
  if (revision_ != revision) revision_ = std::string(revision);
  last_answer_ = now;
  idle_probe_due_ = now + limits_.idle_probe_after;
}

std::vector<Waiting> DeciderState::Failed(absl::string_view why, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  idle_probe_due_ = now + limits_.idle_probe_after;
  if (!breaker_.OnFailure(why, now)) return {};
  idle_probe_due_ = absl::InfiniteDuration();
  return queue_.TakeAll();
}

std::vector<Waiting> DeciderState::ProbeFailed(absl::string_view why, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  breaker_.OnProbeFailed(why, now);
  idle_probe_due_ = absl::InfiniteDuration();
  return queue_.TakeAll();
}

bool DeciderState::ready() const {
  absl::MutexLock lock(&mutex_);
  return breaker_.Asks() && !stopped_;
}

std::string DeciderState::revision() const {
  absl::MutexLock lock(&mutex_);
  return revision_;
}

std::string DeciderState::reason() const {
  absl::MutexLock lock(&mutex_);
  return stopped_ ? "stopped" : breaker_.reason();
}

}  // namespace nexus::policy
