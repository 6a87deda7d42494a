#include "snapshot/snapshot_scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"

namespace nexus::snapshot {
namespace {

// Between two pages of one look: others need the disk too.
constexpr absl::Duration kBetweenPages = absl::Milliseconds(20);

}  // namespace

void SnapshotScheduler::Start() {
  absl::MutexLock lock(&mutex_);
  stopped_ = false;
  Schedule(options_.interval);
}

void SnapshotScheduler::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  parts_.executor.CancelTimer(timer_);
  while (in_step_) idle_.Wait(&mutex_);
}

void SnapshotScheduler::Schedule(absl::Duration delay) {
  if (stopped_) return;
  timer_ = parts_.executor.RunAfter(delay, [this] { RunStep(); });
}

void SnapshotScheduler::RunStep() {
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

absl::Duration SnapshotScheduler::DoStep() {
  SnapshotQuery query;
  query.after = round_.after;
  query.limit = options_.page;
  const absl::StatusOr<SnapshotPage> page = parts_.store.List(query);
  if (!page.ok()) {
    round_ = Round();
    return options_.interval;
  }
  for (const SnapshotInfo& info : page->snapshots) {
    ++round_.kept;
    round_.kept_bytes += info.state_bytes;
    // The newest of a stream comes first.
    if (info.stream != round_.stream) Look(info);
    round_.stream = info.stream;
    round_.after = SnapshotCursor{info.stream, info.revision};
  }
  if (!page->end && !page->snapshots.empty()) return kBetweenPages;
  parts_.metrics.kept.Set(static_cast<double>(round_.kept));
  parts_.metrics.kept_bytes.Set(static_cast<double>(round_.kept_bytes));
  parts_.metrics.oldest_age.Set(absl::ToDoubleSeconds(round_.oldest));
  round_ = Round();
  if (parts_.make_of_aged && options_.max_age > absl::ZeroDuration()) {
    parts_.make_of_aged(options_.max_age);
  }
  return options_.interval;
}

void SnapshotScheduler::Look(const SnapshotInfo& newest) {
  const absl::StatusOr<StreamName> stream = StreamName::Take(newest.stream);
  if (!stream.ok()) return;
  const std::shared_ptr<const domain::DomainState> domains = parts_.domains();
  const domain::AggregateRecord* const aggregate = domains->FindCategory(stream->category());
  if (aggregate == nullptr || aggregate->declaration.is_remote() ||
      aggregate->declaration.snapshots.mode == domain::SnapshotMode::kNone) {
    return;
  }
  if (!HasChanged(*stream, newest, *aggregate)) return;
  const absl::Duration age = absl::Microseconds(parts_.clock.Now().micros - newest.made.micros);
  round_.oldest = std::max(round_.oldest, age);
  if (options_.max_age > absl::ZeroDuration() && age > options_.max_age) parts_.make(*stream);
}

bool SnapshotScheduler::HasChanged(const StreamName& stream, const SnapshotInfo& newest,
                                   const domain::AggregateRecord& aggregate) {
  const absl::StatusOr<StreamInfo> now = parts_.reader.GetStream(stream);
  if (!now.ok()) return false;
  return now->last_revision > newest.revision || !parts_.digests.AreOf(aggregate, newest);
}

}  // namespace nexus::snapshot
