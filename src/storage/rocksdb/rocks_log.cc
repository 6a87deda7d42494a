#include "storage/rocksdb/rocks_log.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "log/verdict.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/ballast.h"
#include "storage/rocksdb/data_folder.h"
#include "storage/rocksdb/log_opening.h"
#include "storage/rocksdb/log_reader.h"
#include "storage/rocksdb/sequencer.h"

namespace nexus::storage {
namespace {

// Of the disk: how much the ballast, the memtables and the write-ahead logs take at most.
constexpr uint64_t kBallastShare = 20;
constexpr uint64_t kMemtableShare = 16;
constexpr uint64_t kWalShare = 8;
constexpr uint64_t kMemtableBytesMin = 256 << 10;

}  // namespace

// In the order in which they are built; torn down in the reverse one.
struct RocksLog::Parts {
  // The folder is there already: its disk is asked.
  Parts(const RocksLogOptions& options, std::unique_ptr<DataFolder> held)
      : folder(std::move(held)),
        metrics(options.metrics),
        disk(
            options.disk_reserve,
            options.disk_space ? options.disk_space
                               : [folder = options.folder] { return ProbeDiskSpace(folder); }),
        at_start(disk.Look()),
        ballast(folder->ballast_path(),
                std::min(options.ballast_bytes, at_start.space.total_bytes / kBallastShare)) {}

  std::unique_ptr<DataFolder> folder;
  LogMetrics metrics;
  DiskGuard disk;
  const DiskReport at_start;
  Ballast ballast;
  std::atomic<bool> standstill{false};     // RocksDB does not compact any more
  LogDatabase::BlockRequests told_blocks;  // of TendDisk()
  WriteStall stall;
  // A fault may be noticed before the sequencer exists.
  absl::Mutex mutex;
  Sequencer* fault_target ABSL_GUARDED_BY(mutex) = nullptr;
  AnchorKeeper* wal_target ABSL_GUARDED_BY(mutex) = nullptr;
  absl::Status early_fault ABSL_GUARDED_BY(mutex);

  std::unique_ptr<LogDatabase> database;
  RecoveredLog recovered;
  std::unique_ptr<LogReader> reader;
  std::unique_ptr<AnchorKeeper> anchor;
  std::unique_ptr<Sequencer> sequencer;

  void OnFault(absl::Status fault) {
    absl::MutexLock lock(&mutex);
    if (fault_target != nullptr) {
      fault_target->Fail(std::move(fault));
    } else if (early_fault.ok()) {
      early_fault = std::move(fault);
    }
  }

  void OnNewWal() {
    absl::MutexLock lock(&mutex);
    if (wal_target != nullptr) wal_target->WalRotated();
  }

  void Take(OpenedLog opened, const RocksLogOptions& options) {
    database = std::move(opened.database);
    recovered = std::move(opened.recovered);
    if (opened.torn_tail) metrics.torn_tails.Add(1);
    metrics.incarnation.Set(static_cast<double>(recovered.meta.incarnation));
    AnchorKeeper::Options with;
    with.interval = options.anchor_interval;
    with.log_bytes_max = options.anchor_log_bytes_max;
    with.on_fault = [this](absl::Status fault) { OnFault(std::move(fault)); };
    anchor = std::make_unique<AnchorKeeper>(std::move(opened.anchor_file), opened.anchor, *database,
                                            metrics, std::move(with));
    reader = std::make_unique<LogReader>(*database);
    StartSequencer(options);
  }

  void StartSequencer(const RocksLogOptions& options) {
    Sequencer::Options with;
    with.queue = {options.queue_commits_max, options.queue_bytes_max, options.group_commits_max,
                  options.group_bytes_max};
    with.cached_streams_max = options.cached_streams_max;
    with.recent = {options.recent_events_max, options.recent_bytes_max};
    with.on_fatal = options.on_fatal;
    with.clock = options.clock;
    sequencer = std::make_unique<Sequencer>(*database, stall, disk, *anchor, metrics, recovered,
                                            std::move(with));
    absl::MutexLock lock(&mutex);
    fault_target = sequencer.get();
    wal_target = anchor.get();
    if (!early_fault.ok()) sequencer->Fail(early_fault);
  }

  // RocksDB's threads must not reach the sequencer while it goes.
  ~Parts() {
    if (sequencer != nullptr) sequencer->Drain();
    {
      absl::MutexLock lock(&mutex);
      fault_target = nullptr;
      wal_target = nullptr;
    }
    const bool clean = sequencer != nullptr && sequencer->fault().ok();
    sequencer.reset();
    // A last anchor that cannot be written leaves the one before it, which is true as well.
    if (anchor != nullptr) anchor->Finish(clean).IgnoreError();
  }

  DiskCare TendDisk() {
    DiskCare care;
    care.report = disk.Look();
    const bool enough = care.report.state == DiskState::kEnough;
    const uint64_t room = care.report.reserve_bytes + ballast.wanted_bytes();
    // Without room for it the next look tries again.
    if (enough && care.report.space.free_bytes >= room) ballast.Keep().IgnoreError();
    care.restart = enough && standstill;
    metrics.disk_free.Set(static_cast<double>(care.report.space.free_bytes));
    metrics.disk_state.Set(static_cast<double>(care.report.state));
    metrics.disk_full.Set(enough ? 0 : 1);
    metrics.ballast.Set(static_cast<double>(ballast.HeldBytes()));
    TellBlocks();
    return care;
  }

  void TellBlocks() {
    const LogDatabase::BlockRequests now = database->block_requests();
    metrics.blocks.Hits(static_cast<double>(now.hits - told_blocks.hits));
    metrics.blocks.Misses(static_cast<double>(now.misses - told_blocks.misses));
    told_blocks = now;
  }

  // A full disk must not keep the log from opening: that is what the ballast is for.
  absl::StatusOr<OpenedLog> OpenWithRoom(const RocksLogOptions& options) {
    if (at_start.state == DiskState::kExhausted) FreeBallast(options);
    absl::StatusOr<OpenedLog> opened = OpenOnce(options);
    if (ReasonOf(opened.status()) != ErrorReason::kDiskFull || ballast.HeldBytes() == 0) {
      return opened;
    }
    FreeBallast(options);
    return OpenOnce(options);
  }

  absl::StatusOr<OpenedLog> OpenOnce(const RocksLogOptions& options);
  void FreeBallast(const RocksLogOptions& options);

  template <typename Read>
  auto Checked(Read read) -> decltype(read()) {
    auto answer = read();
    if (answer.ok() || ReasonOf(answer.status()) != ErrorReason::kDataLoss) return answer;
    metrics.read_retries.Add(1);
    answer = read();
    if (!answer.ok()) metrics.data_losses.Add(1);
    return answer;
  }
};

namespace {

// On a small disk everything is smaller: what is not flushed yet must fit into the reserve.
size_t OnDisk(uint64_t bytes, const DiskReport& disk, uint64_t share) {
  if (disk.space.total_bytes == 0) return bytes;
  return std::min(bytes, std::max(kMemtableBytesMin, disk.space.total_bytes / share));
}

LogOpening OpeningOf(const RocksLogOptions& options, const DataFolder& folder,
                     const DiskReport& disk) {
  LogOpening opening;
  opening.anchor_path = folder.anchor_path();
  opening.database.path = folder.log_path();
  opening.database.memtable_bytes = OnDisk(options.memtable_bytes, disk, kMemtableShare);
  opening.database.wal_bytes_max = OnDisk(opening.database.wal_bytes_max, disk, kWalShare);
  opening.database.block_cache_bytes = options.block_cache_bytes;
  opening.database.env = options.env_for_test;
  opening.verify_positions_max = options.verify_positions_max;
  opening.accepted_loss = options.accepted_loss;
  if (options.clock != nullptr) opening.now = options.clock->Now();
  return opening;
}

void TellNotices(const OpenedLog& opened, const RocksLogOptions& options) {
  if (!options.on_notice) return;
  if (opened.torn_tail) {
    options.on_notice("the last write was cut short and never acknowledged: it was dropped");
  }
  if (opened.torn_anchor) {
    options.on_notice("the last write of the anchor was cut short: the one before it counts");
  }
}

}  // namespace

absl::StatusOr<OpenedLog> RocksLog::Parts::OpenOnce(const RocksLogOptions& options) {
  auto events = std::make_shared<LogEvents>(
      stall, [this](absl::Status fault) { OnFault(std::move(fault)); }, [this] { OnNewWal(); },
      [this] { standstill = true; });
  return OpenLog(OpeningOf(options, *folder, at_start), std::move(events));
}

void RocksLog::Parts::FreeBallast(const RocksLogOptions& options) {
  const absl::StatusOr<uint64_t> freed = ballast.Free();
  if (!options.on_notice || freed.value_or(0) == 0) return;
  options.on_notice(
      absl::StrCat("the disk is full: removed the ballast file, which held ", *freed, " bytes"));
}

absl::StatusOr<std::unique_ptr<RocksLog>> RocksLog::Open(const RocksLogOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<DataFolder> folder, DataFolder::Open(options.folder));
  auto parts = std::make_unique<Parts>(options, std::move(folder));
  NEXUS_ASSIGN_OR_RETURN(OpenedLog opened, parts->OpenWithRoom(options));
  TellNotices(opened, options);
  parts->Take(std::move(opened), options);
  parts->TendDisk();
  return std::unique_ptr<RocksLog>(new RocksLog(std::move(parts)));
}

RocksLog::RocksLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksLog::~RocksLog() = default;

void RocksLog::Propose(Commit commit, CommitDone done) {
  parts_->sequencer->Propose(std::move(commit), std::move(done));
}

absl::StatusOr<std::optional<CommitReceipt>> RocksLog::FindCommit(const Commit& candidate) {
  const Position head = Head();
  auto stored = parts_->Checked(
      [&] { return LoadCommit(*parts_->database, candidate.tenant, candidate.id); });
  if (!stored.ok()) return stored.status();
  if (stored->has_value()) {
    // On disk but not yet published: the proposal that follows will find it.
    if ((*stored)->receipt.last > head) return std::optional<CommitReceipt>();
    return log::RepeatReceipt(candidate, (*stored)->commit, (*stored)->receipt);
  }
  // Under another commit id there is no event whose id was made from this one.
  if (candidate.events.front().event.id == DeriveEventId(candidate.id, 0)) {
    return std::optional<CommitReceipt>();
  }
  return parts_->Checked([&] { return FindRepeat(*parts_->database, head, candidate); });
}

void RocksLog::SetHeadListener(HeadListener listener) {
  parts_->sequencer->SetHeadListener(std::move(listener));
}

absl::Status RocksLog::Health() { return parts_->sequencer->Health(); }
RocksLog::DiskCare RocksLog::TendDisk() { return parts_->TendDisk(); }
std::unique_ptr<LogAudit> RocksLog::BeginAudit(const AuditState& from, uint64_t step_bytes) {
  return std::make_unique<LogAudit>(*parts_->database, from, step_bytes);
}
void RocksLog::Drain() { parts_->sequencer->Drain(); }
Position RocksLog::Head() const { return parts_->sequencer->head(); }
const log::RecentEvents& RocksLog::recent() const { return parts_->sequencer->recent(); }
uint64_t RocksLog::incarnation() const { return parts_->recovered.meta.incarnation; }
Timestamp RocksLog::last_recorded() const { return parts_->recovered.tip.last_recorded; }
const std::optional<AcceptedLoss>& RocksLog::accepted_loss() const {
  return parts_->recovered.loss;
}

absl::StatusOr<EventBatch> RocksLog::ReadAll(Position from, Direction direction,
                                             PageLimits limits) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->ReadAll(head, from, direction, limits); });
}

absl::StatusOr<EventBatch> RocksLog::ReadStream(const StreamName& stream, Revision from,
                                                Direction direction, PageLimits limits) {
  const Position head = Head();
  return parts_->Checked(
      [&] { return parts_->reader->ReadStream(head, stream, from, direction, limits); });
}

absl::StatusOr<EventBatch> RocksLog::ReadAt(absl::Span<const Position> positions,
                                            PageLimits limits) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->ReadAt(head, positions, limits); });
}

absl::StatusOr<Position> RocksLog::FirstRecordedAt(Timestamp time) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->FirstRecordedAt(head, time); });
}

absl::StatusOr<StreamInfo> RocksLog::GetStream(const StreamName& stream) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->GetStream(head, stream); });
}

absl::StatusOr<StreamPage> RocksLog::ListStreams(const StreamQuery& query) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->ListStreams(head, query); });
}

absl::StatusOr<std::optional<PositionRange>> RocksLog::LocateCommit(const CommitId& id) {
  const Position head = Head();
  return parts_->Checked([&] { return parts_->reader->LocateCommit(head, id); });
}

}  // namespace nexus::storage
