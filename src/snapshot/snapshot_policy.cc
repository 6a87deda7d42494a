#include "snapshot/snapshot_policy.h"

#include <algorithm>

namespace nexus::snapshot {
namespace {

constexpr uint64_t kMeasureShareOfState = 4;
constexpr uint64_t kMeasureShareOfBound = 16;

uint64_t EventsSince(const SnapshotProgress& progress, Revision now) {
  if (!progress.last.has_value()) return now.value + 1;
  return now > *progress.last ? now.value - progress.last->value : 0;
}

}  // namespace

absl::string_view SnapshotReasonName(SnapshotReason reason) {
  switch (reason) {
    case SnapshotReason::kEvents:
      return "events";
    case SnapshotReason::kState:
      return "state";
    case SnapshotReason::kAge:
      return "age";
    case SnapshotReason::kRequest:
      return "request";
    case SnapshotReason::kNone:
    case SnapshotReason::kMeasure:
      return "";
  }
  return "";
}

void ReplayCost::Add(uint64_t events, absl::Duration took) {
  events_ += events;
  milliseconds_ += absl::ToDoubleMilliseconds(took);
  while (events_ > kReplaySampleEvents) {
    events_ /= 2;
    milliseconds_ /= 2;
  }
}

uint64_t AdaptiveInterval(const ReplayCost& cost) {
  if (cost.milliseconds() <= 0) return kAdaptiveEventsMax;
  const double events = static_cast<double>(cost.events()) / cost.milliseconds();
  if (events >= static_cast<double>(kAdaptiveEventsMax)) return kAdaptiveEventsMax;
  return std::max(kAdaptiveEventsMin, static_cast<uint64_t>(events));
}

SnapshotReason NeedAfterAppend(const domain::SnapshotDeclaration& declared,
                               const SnapshotProgress& progress, Revision now,
                               const ReplayCost& cost) {
  const uint64_t since = EventsSince(progress, now);
  if (declared.mode == domain::SnapshotMode::kNone || since == 0) return SnapshotReason::kNone;
  if (declared.mode == domain::SnapshotMode::kAdaptive) {
    return since >= AdaptiveInterval(cost) ? SnapshotReason::kEvents : SnapshotReason::kNone;
  }
  if (since > declared.events) return SnapshotReason::kEvents;
  const uint64_t measure_after = std::max(progress.measured_bytes / kMeasureShareOfState,
                                          declared.state_bytes / kMeasureShareOfBound);
  return progress.bytes_since >= measure_after ? SnapshotReason::kMeasure : SnapshotReason::kNone;
}

bool IsLargeState(const domain::SnapshotDeclaration& declared, const SnapshotProgress& progress,
                  uint64_t state_bytes) {
  if (state_bytes <= declared.state_bytes) return false;
  if (!progress.last.has_value() || progress.last_bytes <= declared.state_bytes) return true;
  return state_bytes >= progress.last_bytes + progress.last_bytes / 2;
}

}  // namespace nexus::snapshot
