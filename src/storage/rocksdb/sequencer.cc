#include "storage/rocksdb/sequencer.h"

#include <rocksdb/write_batch.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/planted_fault.h"
#include "storage/rocksdb/chain_digest.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

constexpr absl::Duration kStallWait = absl::Milliseconds(5);
constexpr absl::Duration kLateRetryAfter = absl::Milliseconds(100);
constexpr size_t kProtectionBytesPerKey = 8;
constexpr size_t kBatchKeptBytesMax = 16 << 20;

rocksdb::WriteBatch EmptyBatch() { return rocksdb::WriteBatch(0, 0, kProtectionBytesPerKey, 0); }

// A batch in memory fails only by a mistake of ours; the write that follows would say so.
void Put(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, const std::string& key,
         const std::string& value) {
  batch.Put(family, key, value).PermitUncheckedError();
}

std::vector<log::Candidate> CandidatesOf(const std::vector<PendingCommit>& group) {
  std::vector<log::Candidate> candidates;
  candidates.reserve(group.size());
  for (const PendingCommit& pending : group) {
    candidates.push_back({&pending.commit, pending.traits.get(), &pending});
  }
  return candidates;
}

size_t BytesOf(const std::vector<PendingCommit>& group) {
  size_t bytes = 0;
  for (const PendingCommit& pending : group) bytes += pending.proposal.bytes.size();
  return bytes;
}

absl::Status TooLate() {
  return MakeError(
      ErrorReason::kOverloaded,
      "the commit waited until its deadline could not be met any more; nothing was written",
      kLateRetryAfter);
}

absl::Status Refusal(const absl::Status& fault) {
  return MakeError(ErrorReason::kNotReady,
                   absl::StrCat("the log has failed and takes no commit until it is started again; "
                                "nothing was written (",
                                std::string(fault.message()), ")"));
}

}  // namespace

Sequencer::Sequencer(LogDatabase& database, WriteStall& stall, const DiskGuard& disk,
                     AnchorKeeper& anchor, LogMetrics& metrics, const RecoveredLog& recovered,
                     Options options)
    : database_(database),
      stall_(stall),
      disk_(disk),
      anchor_(anchor),
      metrics_(metrics),
      incarnation_(recovered.meta.incarnation),
      options_(std::move(options)),
      queue_(options_.queue),
      recent_(options_.recent, recovered.tip.head),
      head_(recovered.tip.head.value),
      tip_(recovered.tip),
      chain_(recovered.chain),
      state_(database, recovered.tip.head, options_.cached_streams_max, recent_, metrics),
      batch_(EmptyBatch()),
      thread_([this] { Run(); }) {
  metrics_.head.Set(static_cast<double>(tip_.head.value));
}

Sequencer::~Sequencer() {
  Drain();
  queue_.Stop();
  thread_.join();
}

void Sequencer::Propose(Commit commit, LogBackend::CommitDone done) {
  PendingCommit pending(std::move(commit), std::move(done));
  const absl::Status pushed = queue_.Push(pending);
  if (pushed.ok()) return;
  metrics_.refused.Add(1);
  pending.done(pushed);
}

void Sequencer::SetHeadListener(LogBackend::HeadListener listener) {
  absl::MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

absl::Status Sequencer::Health() const {
  if (absl::Status failed = fault(); !failed.ok()) return Refusal(failed);
  if (absl::Status closed = queue_.Closed(); !closed.ok()) return closed;
  return disk_.Check();
}

void Sequencer::Drain() {
  queue_.Close(MakeError(ErrorReason::kDraining, "the server is stopping; nothing was written"));
  queue_.WaitUntilIdle();
}

void Sequencer::Fail(absl::Status fault) {
  if (IsPlanted(PlantedFault::kGoOnAfterFailure)) return;
  queue_.Close(Refusal(fault));
  {
    absl::MutexLock lock(&mutex_);
    if (fault_.ok()) fault_ = std::move(fault);
  }
  queue_.Interrupt();
}

absl::Status Sequencer::fault() const {
  absl::MutexLock lock(&mutex_);
  return fault_;
}

void Sequencer::Run() {
  Group group;
  while (queue_.TakeGroup(group, pace_.BytesMax(queue_.limits().group_bytes_max))) {
    if (!group.empty()) {
      Serve(group);
      group.clear();
      queue_.GroupDone();
    }
    metrics_.queued.Set(static_cast<double>(queue_.depth()));
    ReportFault();
  }
}

void Sequencer::Serve(Group& group) {
  if (options_.clock == nullptr) return Process(group);
  const absl::Duration begun = options_.clock->Monotonic();
  DropLate(begun, group);
  if (group.empty()) return;
  const size_t bytes = BytesOf(group);
  Process(group);
  const absl::Duration took = options_.clock->Monotonic() - begun;
  late_.Took(took);
  pace_.Took(took, bytes);
}

// Before anything of the group is looked at: whoever gets this answer knows that nothing of its
// commit was written by this try.
void Sequencer::DropLate(absl::Duration now, Group& group) {
  late_.Split(now, queue_.depth() > 0, group, dropped_);
  if (dropped_.empty()) return;
  const absl::Status late = TooLate();
  for (PendingCommit& pending : dropped_) pending.done(late);
  metrics_.late.Add(static_cast<double>(dropped_.size()));
  dropped_.clear();
}

void Sequencer::ReportFault() {
  if (fault_reported_) return;
  const absl::Status failed = fault();
  if (failed.ok()) return;
  fault_reported_ = true;
  if (options_.on_fatal) options_.on_fatal(failed);
}

void Sequencer::Process(Group& group) {
  // What was queued behind a failed write was never written.
  if (const absl::Status failed = fault(); !failed.ok()) return AnswerAll(group, Refusal(failed));
  const absl::Status full = disk_.Check();
  metrics_.disk_full.Set(full.ok() ? 0 : 1);
  if (!full.ok()) return RefuseForDisk(group, full);

  log::AppliedGroup applied = log::Apply(tip_, state_, CandidatesOf(group));
  if (IsPlanted(PlantedFault::kAckBeforeWrite)) {
    Answer(group, applied.verdicts);
    for (PendingCommit& pending : group) pending.done = [](const auto&) {};
  }
  if (IsPlanted(PlantedFault::kHeadBeforeSync)) head_.store(applied.tip.head.value);
  if (!applied.accepted.empty()) {
    BuildBatch(group, applied);
    const rocksdb::Status written = WriteSynced();
    if (!written.ok() && !IsPlanted(PlantedFault::kGoOnAfterFailure)) {
      // Even the refusals of this group rest on commits that may or may not be there.
      const absl::Status unknown = ToWriteStatus(written);
      Fail(unknown);
      return AnswerAll(group, unknown);
    }
    Publish(group, applied);
  }
  Answer(group, std::move(applied.verdicts));
  if (applied.accepted.empty()) return;
  absl::MutexLock lock(&listener_mutex_);
  if (listener_) listener_(tip_.head);
}

// A repeat of something stored needs no space: it still gets its answer. Each commit is decided by
// itself, since none of the others will be there.
void Sequencer::RefuseForDisk(Group& group, const absl::Status& full) {
  Verdicts verdicts;
  for (const log::Candidate& candidate : CandidatesOf(group)) {
    log::AppliedGroup alone = log::Apply(tip_, state_, absl::MakeConstSpan(&candidate, 1));
    if (alone.accepted.empty()) {
      verdicts.push_back(std::move(alone.verdicts.front()));
    } else {
      verdicts.push_back(full);
    }
  }
  Answer(group, std::move(verdicts));
}

void Sequencer::Answer(Group& group, Verdicts verdicts) {
  size_t stored = 0;
  size_t repeated = 0;
  for (size_t i = 0; i < group.size(); ++i) {
    if (verdicts[i].ok()) ++(verdicts[i]->repeated ? repeated : stored);
    group[i].done(std::move(verdicts[i]));
  }
  metrics_.stored.Add(static_cast<double>(stored));
  metrics_.repeated.Add(static_cast<double>(repeated));
  metrics_.refused.Add(static_cast<double>(group.size() - stored - repeated));
}

void Sequencer::AnswerAll(Group& group, const absl::Status& status) {
  for (PendingCommit& pending : group) pending.done(status);
  metrics_.refused.Add(static_cast<double>(group.size()));
}

void Sequencer::BuildBatch(const Group& group, const log::AppliedGroup& applied) {
  // A batch keeps its buffer; one huge group must not hold it for ever.
  if (batch_.GetDataSize() > kBatchKeptBytesMax) batch_ = EmptyBatch();
  batch_.Clear();
  for (const log::AcceptedCommit& accepted : applied.accepted) {
    AddCommit(group[accepted.index], *applied.verdicts[accepted.index], accepted);
  }
  for (const log::EventIdRow& row : applied.id_rows) {
    Put(batch_, database_.event_ids(), EncodeEventIdKey(row.stream_number, row.id),
        EncodeRevision(row.revision));
  }
  if (IsPlanted(PlantedFault::kGroupInTwoWrites)) {
    WriteSynced().PermitUncheckedError();
    batch_.Clear();
  }
  for (const log::MovedStream& stream : applied.moved) {
    Put(batch_, database_.streams(), EncodeStreamKey(stream.tenant, stream.name),
        EncodeStreamHead(stream.head));
  }
  Put(batch_, database_.meta(), std::string(kTipKey), EncodeTip({applied.tip, chain_}));
}

void Sequencer::AddCommit(const PendingCommit& pending, const CommitReceipt& receipt,
                          const log::AcceptedCommit& accepted) {
  const std::string key = EncodePosition(receipt.first);
  const std::string head = EncodeRecordHead(receipt, incarnation_, pending.proposal);
  chain_ = ChainAfter(chain_, LinkOf(receipt.first, head));
  const rocksdb::Slice key_part(key);
  const rocksdb::Slice parts[] = {head, pending.proposal.bytes};
  batch_.Put(database_.commits(), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(parts, 2))
      .PermitUncheckedError();
  Put(batch_, database_.commit_ids(), EncodeCommitIdKey(pending.commit.tenant, receipt.id), key);
  for (size_t i = 0; i < receipt.streams.size(); ++i) {
    if (receipt.streams[i].events == 0) continue;
    const StreamCommitKey index_key{accepted.stream_numbers[i], receipt.streams[i].first};
    Put(batch_, database_.stream_commits(), EncodeStreamCommitKey(index_key), key);
  }
  metrics_.events.Add(static_cast<double>(pending.commit.events.size()));
  metrics_.bytes.Add(static_cast<double>(head.size() + pending.proposal.bytes.size()));
}

rocksdb::Status Sequencer::WriteSynced() {
  rocksdb::WriteOptions options;
  options.sync = !IsPlanted(PlantedFault::kSyncOff);
  options.no_slowdown = true;
  options.protection_bytes_per_key = kProtectionBytesPerKey;
  const absl::Duration begun =
      options_.clock != nullptr ? options_.clock->Monotonic() : absl::ZeroDuration();
  rocksdb::Status written = database_.db().Write(options, &batch_);
  // A stall: nothing was written, and the same batch may be tried again.
  while (written.IsIncomplete()) {
    metrics_.write_stalls.Add(1);
    stall_.Wait(kStallWait);
    written = database_.db().Write(options, &batch_);
  }
  if (options_.clock != nullptr) {
    metrics_.write_seconds.Observe(absl::ToDoubleSeconds(options_.clock->Monotonic() - begun));
  }
  return written;
}

void Sequencer::Publish(Group& group, const log::AppliedGroup& applied) {
  for (const log::MovedStream& stream : applied.moved) {
    state_.Moved(EncodeStreamKey(stream.tenant, stream.name), stream.head);
  }
  for (const log::AcceptedCommit& accepted : applied.accepted) {
    recent_.Add(applied.verdicts[accepted.index]->first, std::move(group[accepted.index].traits));
  }
  tip_ = applied.tip;
  state_.SetHead(tip_.head);
  head_.store(tip_.head.value, std::memory_order_release);
  anchor_.Advanced(tip_.head, chain_, batch_.GetDataSize());
  metrics_.head.Set(static_cast<double>(tip_.head.value));
  metrics_.group_commits.Observe(static_cast<double>(applied.accepted.size()));
}

}  // namespace nexus::storage
