#pragma once

// The durable log on RocksDB: one ordering thread, one synced write a group, reads beside it.
//
// Thread-safe. Bytes on disk: docs/storage-format.md. After a failed write nothing can be known
// about it any more: every later proposal is refused, `on_fatal` is told, and the process is
// expected to stop and open the folder again.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/recent_events.h"
#include "nexus/core/clock.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"
#include "nexus/port/metrics.h"
#include "storage/rocksdb/disk_guard.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_audit.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace nexus::storage {

struct RocksLogOptions {
  RocksLogOptions(std::string data_folder, MetricsRegistry& registry)
      : folder(std::move(data_folder)), metrics(registry) {}

  std::string folder;            // the data folder; made if it is missing
  MetricsRegistry& metrics;      // must outlive the log
  const Clock* clock = nullptr;  // measures writes; nullptr: they are not measured

  DiskReserve disk_reserve;
  uint64_t ballast_bytes = 0;  // held back for a start on a full disk; at most a 20th of the disk
  DiskSpaceProbe disk_space;   // empty: ProbeDiskSpace of the folder

  // Called once, on the ordering thread, after the commits of the failed group were answered.
  std::function<void(absl::Status)> on_fatal;

  size_t queue_commits_max = 16'384;
  size_t queue_bytes_max = 128 << 20;
  size_t group_commits_max = 1'024;
  size_t group_bytes_max = 8 << 20;
  size_t cached_streams_max = 100'000;
  uint64_t verify_positions_max = 10'000;  // checked at open, from the end
  // What is kept in memory of the events stored last, for append conditions.
  size_t recent_events_max = 65'536;
  size_t recent_bytes_max = 16 << 20;

  absl::Duration anchor_interval = absl::Milliseconds(100);
  uint64_t anchor_log_bytes_max = 1 << 20;
  // Only if what is left of a damaged log ends exactly here it is opened, as a new incarnation.
  std::optional<Position> accepted_loss = {};
  // What was found while opening and is worth a line, each in a sentence. Called inside Open().
  std::function<void(absl::string_view)> on_notice = {};

  size_t memtable_bytes = 64 << 20;  // at most a 16th of the disk, so that the reserve can hold it
  size_t block_cache_bytes = 64 << 20;

  rocksdb::Env* env_for_test = nullptr;  // must outlive the log
};

class RocksLog : public LogBackend, public EventReader, public CommitLocator {
 public:
  // Holds the folder's lock until destroyed. Errors: DATA_FOLDER_LOCKED, UNSUPPORTED_FORMAT,
  // DATA_LOSS, DISK_FULL, INTERNAL, CONFIGURATION_INVALID (a loss is to be accepted and there is
  // none); each message says what to do.
  static absl::StatusOr<std::unique_ptr<RocksLog>> Open(const RocksLogOptions& options);

  // Drains. Readers must be gone.
  ~RocksLog() override;

  // LogBackend. `done` runs on the ordering thread, or inside the call if the commit is refused
  // without being queued (OVERLOADED, DRAINING, NOT_READY). Neither `done` nor the listener may
  // call Drain().
  void Propose(Commit commit, CommitDone done) override;
  absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) override;
  void SetHeadListener(HeadListener listener) override;
  absl::Status Health() override;
  void Drain() override;

  // EventReader.
  Position Head() const override;
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override;
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override;
  absl::StatusOr<Position> FirstRecordedAt(Timestamp time) override;
  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override;
  absl::StatusOr<StreamPage> ListStreams(const StreamQuery& query) override;

  // CommitLocator.
  absl::StatusOr<std::optional<PositionRange>> LocateCommit(const CommitId& id) override;

  // The events that were stored last, for checking append conditions without reading the log.
  // Valid as long as the log.
  const log::RecentEvents& recent() const;

  // Goes up when a log is restored or a loss is accepted.
  uint64_t incarnation() const;
  // Looks after the disk: call it about once a second, from one thread at a time. Sets the metrics,
  // makes the ballast file again once there is room.
  struct DiskCare {
    DiskReport report;
    // RocksDB gave up compacting for lack of space, and there is space again: start anew.
    bool restart = false;
  };
  DiskCare TendDisk();

  // The time of the last commit when the log was opened; 0 for an empty one.
  Timestamp last_recorded() const;
  // A walk over the whole log. It must not outlive the log.
  std::unique_ptr<LogAudit> BeginAudit(const AuditState& from, uint64_t step_bytes);

  // The last loss that was accepted, for the record in the log itself.
  const std::optional<AcceptedLoss>& accepted_loss() const;

 private:
  struct Parts;

  explicit RocksLog(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace nexus::storage
