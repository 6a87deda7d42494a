#pragma once

// The log's instruments, looked up once.

#include "nexus/port/cache_counters.h"
#include "nexus/port/metrics.h"

namespace nexus::storage {

struct LogMetrics {
  explicit LogMetrics(MetricsRegistry& registry);

  CacheCounters heads;   // of streams, in memory
  CacheCounters blocks;  // of files, in memory
  Counter& stored;       // commits
  Counter& repeated;
  Counter& refused;
  Counter& late;  // dropped unwritten: nobody would have waited
  Counter& events;
  Counter& bytes;  // of records
  Counter& write_stalls;
  Counter& read_retries;     // reads that found a hole and looked again
  Counter& condition_reads;  // append conditions that had to read the log while ordering
  Counter& data_losses;      // and still found it
  Counter& anchor_writes;
  Counter& torn_tails;  // at open: an unacknowledged last write that was dropped
  Gauge& head;
  Gauge& anchor;  // position of the last anchor
  Gauge& incarnation;
  Gauge& queued;
  Gauge& disk_free;   // bytes
  Gauge& disk_state;  // 0 enough, 1 low, 2 exhausted
  Gauge& ballast;     // bytes held
  Gauge& disk_full;   // 1 while appends are refused for it
  Histogram& group_commits;
  Histogram& write_seconds;  // of one synced batch
};

}  // namespace nexus::storage
