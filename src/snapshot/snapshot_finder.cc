#include "snapshot/snapshot_finder.h"

#include <utility>

#include "absl/status/statusor.h"
#include "nexus/core/errors.h"

namespace nexus::snapshot {

std::optional<Snapshot> SnapshotFinder::Find(const StreamName& stream, Current current,
                                             SnapshotBound bound) {
  for (;;) {
    absl::StatusOr<std::optional<Snapshot>> found =
        parts_.store.Nearest(stream.str(), bound, [&](const SnapshotInfo& info) {
          if (current(info)) return true;
          code_.Add(1);
          return false;
        });
    if (!found.ok()) {
      corrupt_.Add(1);
      return std::nullopt;
    }
    if (!found->has_value()) return std::nullopt;
    const Match match = Compare(stream, (*found)->info);
    if (match == Match::kYes) return *std::move(found);
    if (match == Match::kUnknown) return std::nullopt;
    ahead_.Add(1);
    if ((*found)->info.revision == Revision(0)) return std::nullopt;
    bound.revision = Revision((*found)->info.revision.value - 1);
  }
}

SnapshotFinder::Match SnapshotFinder::Compare(const StreamName& stream, const SnapshotInfo& info) {
  const absl::StatusOr<EventBatch> page =
      parts_.reader.ReadStream(stream, info.revision, Direction::kForward, {.events_max = 1});
  if (!page.ok()) {
    return ReasonOf(page.status()) == ErrorReason::kStreamNotFound ? Match::kNo : Match::kUnknown;
  }
  if (page->events.empty()) return Match::kNo;
  const RecordedEvent& event = page->events.front();
  const bool same = event.revision == info.revision && event.position == info.position &&
                    event.id == info.event_id && event.recorded == info.recorded;
  return same ? Match::kYes : Match::kNo;
}

void SnapshotFinder::CountUsed(const SnapshotInfo& info) {
  parts_.metrics.used.Add(1);
  parts_.metrics.replay_saved.Add(static_cast<double>(info.events));
  const int64_t age = parts_.clock.Now().micros - info.made.micros;
  parts_.metrics.used_age.Observe(absl::ToDoubleSeconds(absl::Microseconds(age)));
}

void SnapshotFinder::CountUnreadable() { corrupt_.Add(1); }

}  // namespace nexus::snapshot
