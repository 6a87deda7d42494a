#include "storage/rocksdb/scrubber.h"

#include <algorithm>
#include <utility>

namespace nexus::storage {
namespace {

constexpr uint64_t kStepBytes = 1 << 20;
constexpr absl::Duration kLookAgain = absl::Hours(1);

}  // namespace

Scrubber::Scrubber(RocksLog& log, RocksCheckpointStore& store, Executor& executor,
                   const Clock& clock, MetricsRegistry& metrics, Options options)
    : log_(log),
      store_(store),
      executor_(executor),
      clock_(clock),
      options_(std::move(options)),
      errors_(metrics.GetCounter("nexus_scrub_errors_total",
                                 "Damage that the scrubber found in the log.", {})),
      passes_(metrics.GetCounter("nexus_scrub_passes_total",
                                 "Times that the scrubber has read the whole log.", {})),
      position_(metrics.GetGauge("nexus_scrub_position",
                                 "Position up to which the scrubber has read.", {})) {}

Scrubber::~Scrubber() { Stop(); }

void Scrubber::Start() {
  const absl::StatusOr<ScrubState> saved = store_.LoadScrubState();
  absl::MutexLock lock(&mutex_);
  // What was read of another incarnation, or beyond the end, says nothing of this log.
  if (saved.ok() && saved->incarnation == log_.incarnation() &&
      saved->walk.next <= log_.Head().Next()) {
    state_ = *saved;
  }
  state_.incarnation = log_.incarnation();
  stopped_ = false;
  Schedule(UntilDue(state_));
}

void Scrubber::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  executor_.CancelTimer(timer_);
  while (in_step_) idle_.Wait(&mutex_);
}

Scrubber::Status Scrubber::GetStatus() const {
  absl::MutexLock lock(&mutex_);
  return {state_.running, Position(state_.walk.next.value - 1), state_.walk.errors,
          state_.finished};
}

absl::Duration Scrubber::UntilDue(const ScrubState& state) const {
  if (state.running) return absl::ZeroDuration();
  const absl::Duration since = absl::Microseconds(clock_.Now().micros - state.finished.micros);
  return std::clamp(options_.interval - since, absl::ZeroDuration(), options_.interval);
}

void Scrubber::Schedule(absl::Duration delay) {
  if (stopped_) return;
  timer_ = executor_.RunAfter(std::min(delay, kLookAgain), [this] { RunStep(); });
}

void Scrubber::RunStep() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    in_step_ = true;
  }
  const absl::Duration wait = DoStep();
  absl::MutexLock lock(&mutex_);
  in_step_ = false;
  idle_.SignalAll();
  Schedule(wait);
}

absl::Duration Scrubber::DoStep() {
  ScrubState state;
  {
    absl::MutexLock lock(&mutex_);
    state = state_;
  }
  if (const absl::Duration wait = UntilDue(state); wait > absl::ZeroDuration()) return wait;
  if (walk_ == nullptr) {
    if (!state.running) state.walk = AuditState();
    walk_ = log_.BeginAudit(state.walk, kStepBytes);
    told_ = 0;
    errors_told_ = state.walk.errors;
  }
  const VerifyProgress progress = walk_->Advance();
  Tell(progress);
  state.walk = walk_->state();
  state.running = !progress.done;
  if (progress.done) {
    state.finished = clock_.Now();
    passes_.Add(1);
    walk_.reset();
  }
  Save(state);
  return absl::Seconds(static_cast<double>(kStepBytes) /
                       static_cast<double>(options_.bytes_per_second));
}

void Scrubber::Tell(const VerifyProgress& progress) {
  errors_.Add(static_cast<double>(progress.errors - errors_told_));
  errors_told_ = progress.errors;
  position_.Set(static_cast<double>(progress.position.value));
  for (; told_ < progress.findings.size(); ++told_) {
    if (options_.on_finding) options_.on_finding(progress.findings[told_]);
  }
}

void Scrubber::Save(const ScrubState& state) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = state;
  }
  // Derived: without it the walk begins anew.
  store_.SaveScrubState(state).IgnoreError();
}

}  // namespace nexus::storage
