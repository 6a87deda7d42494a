#pragma once

// What snapshots are counted by. Thread-safe.

#include "nexus/port/metrics.h"
#include "snapshot/snapshot_policy.h"

namespace nexus::snapshot {

// Why a snapshot was not used.
inline constexpr char kIgnoredCode[] = "code";        // other code has made it
inline constexpr char kIgnoredCorrupt[] = "corrupt";  // it is damaged, or its state cannot be read
inline constexpr char kIgnoredAhead[] = "ahead";      // the stream has no such event

// Why one was not made.
inline constexpr char kFailedCode[] = "code";    // the state could not be serialised
inline constexpr char kFailedQueue[] = "queue";  // too much waits to be written
inline constexpr char kFailedWrite[] = "write";

struct SnapshotMetrics {
  explicit SnapshotMetrics(MetricsRegistry& registry);

  Counter& Made(SnapshotReason reason) const;
  Counter& Ignored(absl::string_view why) const;
  Counter& Failed(absl::string_view why) const;

  MetricsRegistry& registry;
  Counter& used;
  Counter& replay_saved;  // events that were not folded because of one
  Counter& written_bytes;
  Counter& expired;
  Histogram& delay;
  Histogram& used_age;
  Gauge& oldest_age;
  Gauge& kept;
  Gauge& kept_bytes;
};

}  // namespace nexus::snapshot
