#include "storage/rocksdb/log_metrics.h"

namespace nexus::storage {
namespace {

constexpr double kGroupBuckets[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
constexpr double kSecondsBuckets[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                      0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};

Counter& Commits(MetricsRegistry& registry, const char* result) {
  return registry.GetCounter("nexus_log_commits_total", "Commits that were ordered, by result.",
                             {{"result", result}});
}

}  // namespace

LogMetrics::LogMetrics(MetricsRegistry& registry)
    : heads(registry, "stream_heads"),
      blocks(registry, "blocks"),
      stored(Commits(registry, "stored")),
      repeated(Commits(registry, "repeated")),
      refused(Commits(registry, "refused")),
      late(Commits(registry, "late")),
      events(registry.GetCounter("nexus_log_events_total", "Events stored.", {})),
      bytes(registry.GetCounter("nexus_log_bytes_total", "Bytes of stored commit records.", {})),
      write_stalls(registry.GetCounter("nexus_log_write_stalls_total",
                                       "Writes that had to wait for flushes or compactions.", {})),
      read_retries(registry.GetCounter("nexus_log_read_retries_total",
                                       "Reads that met a hole and were repeated.", {})),
      condition_reads(registry.GetCounter(
          "nexus_log_condition_reads_total",
          "Append conditions that had to read the log while commits were ordered.", {})),
      data_losses(registry.GetCounter("nexus_log_data_losses_total",
                                      "Reads that met a hole twice: data is lost.", {})),
      anchor_writes(registry.GetCounter("nexus_log_anchor_writes_total", "Anchors written.", {})),
      torn_tails(registry.GetCounter("nexus_log_torn_tails_total",
                                     "Unacknowledged last writes dropped at open.", {})),
      head(registry.GetGauge("nexus_log_head_position", "Last durable position.", {})),
      anchor(registry.GetGauge("nexus_log_anchor_position",
                               "Position that the anchor file vouches for.", {})),
      incarnation(registry.GetGauge("nexus_log_incarnation",
                                    "Goes up when a loss is accepted or a log restored.", {})),
      queued(registry.GetGauge("nexus_log_queued_commits", "Commits waiting to be ordered.", {})),
      disk_free(registry.GetGauge("nexus_disk_free_bytes",
                                  "Free bytes on the disk of the data folder.", {})),
      disk_state(registry.GetGauge("nexus_disk_state",
                                   "0 enough space, 1 low: appends are refused, 2 exhausted.", {})),
      ballast(registry.GetGauge("nexus_disk_ballast_bytes",
                                "Bytes that the ballast file holds back.", {})),
      disk_full(registry.GetGauge("nexus_log_disk_full",
                                  "1 while appends are refused for lack of disk space.", {})),
      group_commits(registry.GetHistogram("nexus_log_group_commits", "Commits in one synced write.",
                                          {}, kGroupBuckets)),
      write_seconds(registry.GetHistogram("nexus_log_write_seconds",
                                          "Duration of one synced write.", {}, kSecondsBuckets)) {}

}  // namespace nexus::storage
