#include "evidence/workload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "evidence/log_check.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kStreams = 5;
constexpr uint64_t kReadEvery = 16;
constexpr int kMoreAfterUnknown = 2;

CommitEvent MakeEvent(const Commit& commit, uint64_t number, uint32_t stream) {
  CommitEvent event;
  event.stream_index = stream;
  const uint32_t index = static_cast<uint32_t>(commit.events.size());
  event.event.id = DeriveEventId(commit.id, index);
  event.event.type = absl::StrCat("type-", number % 3);
  event.event.content_type = "application/octet-stream";
  event.event.correlation_id = absl::StrCat("c", number % 7);
  event.event.tags = {absl::StrCat("tag-", number % 4)};
  // Every size up to two sectors and a bit beyond: records end anywhere.
  event.event.data = absl::StrCat(number, ".", index, ":");
  event.event.data.resize(20 + number * 397 % 1'600, static_cast<char>('a' + number % 26));
  return event;
}

// Never destroyed: a log may outlive everything else in a child.
fake::RecordingMetrics& NewMetrics() { return *new fake::RecordingMetrics(); }

// Notes answers as they come, and lets the writer wait for room.
class Answers {
 public:
  explicit Answers(Journal& journal) : journal_(journal) {}

  void Propose(LogBackend& log, uint64_t number) {
    journal_.of(number).answer = Answer::kCalled;
    journal_.called = std::max<uint64_t>(journal_.called, number);
    {
      absl::MutexLock lock(&mutex_);
      ++in_flight_;
    }
    log.Propose(WorkloadCommit(number),
                [this, number](absl::StatusOr<CommitReceipt> answer) { Note(number, answer); });
  }

  // Until at most `most` are under way.
  void WaitForRoom(uint64_t most) {
    absl::MutexLock lock(&mutex_);
    const auto room = [&] { return in_flight_ <= most; };
    mutex_.Await(absl::Condition(&room));
  }
  bool failed() {
    absl::MutexLock lock(&mutex_);
    return unknown_;
  }

 private:
  void Note(uint64_t number, const absl::StatusOr<CommitReceipt>& answer) {
    NoteAnswer(number, answer, journal_);
    absl::MutexLock lock(&mutex_);
    --in_flight_;
    if (answer.ok() && unknown_) {
      journal_.findings.Add(
          absl::StrCat("commit ", number, " was accepted after a write had failed"));
    }
    unknown_ = unknown_ || ReasonOf(answer.status()) == ErrorReason::kOutcomeUnknown;
  }

  Journal& journal_;
  absl::Mutex mutex_;
  uint64_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool unknown_ ABSL_GUARDED_BY(mutex_) = false;
};

std::unique_ptr<storage::RocksLog> OpenNoted(const WriterOptions& options, Journal& journal) {
  auto log = OpenLog(options.folder, options.env, options.memtable_bytes);
  journal.opened = log.ok();
  journal.open_reason = static_cast<int>(ReasonOf(log.status()));
  if (!log.ok()) return nullptr;
  return *std::move(log);
}

}  // namespace

Commit WorkloadCommit(uint64_t number) {
  Commit commit;
  for (int i = 0; i < 8; ++i) commit.id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  commit.id.bytes[0] = 1;
  commit.stamp = {"writer", "d", "p", 1};
  commit.proposed = Timestamp{1'700'000'000'000'000 + static_cast<int64_t>(number)};
  commit.streams.push_back(
      {StreamName::Literal(absl::StrCat("order-", number % kStreams)), ExpectedRevision::Any()});
  const bool two = number % 4 == 0;
  if (two) {
    commit.streams.push_back({StreamName::Literal("ledger"), ExpectedRevision::Any()});
  }
  for (uint64_t i = 0; i < 1 + number % 3; ++i) {
    commit.events.push_back(MakeEvent(commit, number, 0));
    if (two) commit.events.push_back(MakeEvent(commit, number, 1));
  }
  return commit;
}

std::vector<std::string> WorkloadStreams() {
  std::vector<std::string> names = {"ledger"};
  for (uint64_t i = 0; i < kStreams; ++i) names.push_back(absl::StrCat("order-", i));
  return names;
}

uint64_t NumberOf(const CommitId& id) {
  uint64_t number = 0;
  for (int i = 8; i < 16; ++i) number = number << 8 | id.bytes[i];
  return number;
}

void NoteAnswer(uint64_t number, const absl::StatusOr<CommitReceipt>& answer, Journal& journal) {
  JournalEntry& entry = journal.of(number);
  if (!answer.ok()) {
    const bool unknown = ReasonOf(answer.status()) == ErrorReason::kOutcomeUnknown;
    entry.answer = unknown ? Answer::kUnknown : Answer::kRefused;
    return;
  }
  entry.first = answer->first.value;
  entry.last = answer->last.value;
  entry.recorded = answer->recorded.micros;
  for (size_t i = 0; i < answer->streams.size(); ++i) {
    entry.revisions[i] = answer->streams[i].first.value;
  }
  entry.answer = Answer::kStored;
}

absl::StatusOr<std::unique_ptr<storage::RocksLog>> OpenLog(const std::string& folder,
                                                           rocksdb::Env* env, size_t memtable_bytes,
                                                           uint64_t verify_positions_max) {
  storage::RocksLogOptions options(folder, NewMetrics());
  options.disk_reserve = {.free_bytes_min = 1, .stop_bytes_min = 1};
  options.memtable_bytes = memtable_bytes;
  options.block_cache_bytes = 1 << 20;
  options.verify_positions_max = verify_positions_max;
  options.env_for_test = env;
  return storage::RocksLog::Open(options);
}

absl::StatusOr<CommitReceipt> ProposeNoted(LogBackend& log, uint64_t number, Journal& journal) {
  absl::Notification answered;
  absl::StatusOr<CommitReceipt> answer;
  journal.of(number).answer = Answer::kCalled;
  journal.called = std::max<uint64_t>(journal.called, number);
  log.Propose(WorkloadCommit(number), [&](absl::StatusOr<CommitReceipt> given) {
    answer = std::move(given);
    answered.Notify();
  });
  answered.WaitForNotification();
  NoteAnswer(number, answer, journal);
  return answer;
}

void RunWriter(const WriterOptions& options, Journal& journal) {
  std::unique_ptr<storage::RocksLog> log = OpenNoted(options, journal);
  if (log == nullptr) return;
  Answers answers(journal);
  int more = kMoreAfterUnknown;
  for (uint64_t i = 0; i < options.commits; ++i) {
    answers.Propose(*log, options.first + i);
    answers.WaitForRoom(options.in_flight - 1);
    journal.head_seen = std::max<uint64_t>(journal.head_seen, log->Head().value);
    if (answers.failed() && more-- == 0) break;
    if (i % kReadEvery == kReadEvery - 1) CheckReads(*log, journal.findings);
    if (options.reopen_after != 0 && i + 1 == options.reopen_after && !answers.failed()) {
      answers.WaitForRoom(0);
      log.reset();
      log = OpenNoted(options, journal);
      if (log == nullptr) return;
    }
  }
  answers.WaitForRoom(0);
  CheckReads(*log, journal.findings);
  log->Drain();
}

}  // namespace nexus::evidence
