#include "snapshot/snapshot_metrics.h"

#include <array>
#include <string>

namespace nexus::snapshot {
namespace {

constexpr std::array kDelayBuckets = {.001, .0025, .005, .01, .025, .05,
                                      .1,   .25,   .5,   1.0, 2.5,  5.0};
constexpr std::array kAgeBuckets = {1.0,         10.0,         60.0,         600.0,        3'600.0,
                                    6 * 3'600.0, 24 * 3'600.0, 48 * 3'600.0, 168 * 3'600.0};

}  // namespace

SnapshotMetrics::SnapshotMetrics(MetricsRegistry& metrics)
    : registry(metrics),
      used(metrics.GetCounter("nexus_snapshots_used_total",
                              "Aggregates whose state began with a snapshot.", {})),
      replay_saved(metrics.GetCounter("nexus_snapshots_replay_saved_total",
                                      "Events that did not have to be folded because a snapshot "
                                      "held what they add up to.",
                                      {})),
      written_bytes(metrics.GetCounter("nexus_snapshots_written_bytes_total",
                                       "Bytes of the states of snapshots that were written.", {})),
      expired(metrics.GetCounter("nexus_snapshots_expired_total",
                                 "Snapshots removed because newer ones are enough.", {})),
      delay(metrics.GetHistogram("nexus_snapshots_delay_seconds",
                                 "Time from the decision for a snapshot until it was stored.", {},
                                 kDelayBuckets)),
      used_age(metrics.GetHistogram("nexus_snapshots_used_age_seconds",
                                    "Age of snapshots when they were used.", {}, kAgeBuckets)),
      oldest_age(metrics.GetGauge(
          "nexus_snapshots_oldest_age_seconds",
          "Age of the oldest snapshot that is the newest of an aggregate with events since, as of "
          "the last look at all of them.",
          {})),
      kept(metrics.GetGauge("nexus_snapshots_kept",
                            "Snapshots that are kept, as of the last look at all of them.", {})),
      kept_bytes(metrics.GetGauge("nexus_snapshots_kept_bytes",
                                  "Bytes of their states, as of the last look at all of them.",
                                  {})) {
  for (const char* why : {kIgnoredCode, kIgnoredCorrupt, kIgnoredAhead}) Ignored(why);
  for (const char* why : {kFailedCode, kFailedQueue, kFailedWrite}) Failed(why);
  for (const auto reason : {SnapshotReason::kEvents, SnapshotReason::kState, SnapshotReason::kAge,
                            SnapshotReason::kRequest}) {
    Made(reason);
  }
}

Counter& SnapshotMetrics::Made(SnapshotReason reason) const {
  return registry.GetCounter(
      "nexus_snapshots_made_total",
      "Snapshots stored, by reason: events (so many since the last), state (so large), age (the "
      "last is old), request.",
      {{"reason", std::string(SnapshotReasonName(reason))}});
}

Counter& SnapshotMetrics::Ignored(absl::string_view why) const {
  return registry.GetCounter(
      "nexus_snapshots_ignored_total",
      "Snapshots passed over, by reason: code (other code made it), corrupt, ahead (the stream "
      "does not have the event that it ends with).",
      {{"reason", std::string(why)}});
}

Counter& SnapshotMetrics::Failed(absl::string_view why) const {
  return registry.GetCounter("nexus_snapshots_failed_total",
                             "Snapshots that were not made, by reason: code (the domain's code "
                             "failed), queue (too much waits to be written), write.",
                             {{"reason", std::string(why)}});
}

}  // namespace nexus::snapshot
