// A disk that takes 100 ms for a sync: what is not stored in time is refused, memory stays bounded,
// and the log recovers when the disk does.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <rocksdb/env.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "evidence/child.h"
#include "evidence/journal.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kProposals = 3'000;
constexpr size_t kDataBytes = 64 << 10;
constexpr size_t kQueueBytes = 8 << 20;
constexpr size_t kGroupBytes = 1 << 20;
constexpr size_t kMemtableBytes = 4 << 20;
constexpr size_t kCacheBytes = 1 << 20;
// Of encoded commits, queued or in the group under way. One is let past each bound.
constexpr uint64_t kWaitingMax = (kQueueBytes + kGroupBytes) / kDataBytes + 2;
// A commit that waits is held encoded. A batch may be copied while it grows, a memtable passes its
// bound by a group.
constexpr uint64_t kExplainedBytes =
    kQueueBytes + kGroupBytes + 3 * kGroupBytes + 2 * (kMemtableBytes + kGroupBytes) + kCacheBytes;
// Half as much again for all that is small. All proposals together are 187 MB.
constexpr uint64_t kHeldBytesMax = kExplainedBytes + kExplainedBytes / 2;
constexpr absl::Duration kSync = absl::Milliseconds(100);
constexpr absl::Duration kPromptly = absl::Seconds(5);

// What is allocated and not freed. Not the resident set: how much of that the allocator has given
// back says nothing about the queue.
uint64_t HeldBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

Commit LargeCommit(uint64_t number) {
  Commit commit = WorkloadCommit(number);
  commit.events[0].event.data.assign(kDataBytes, 'x');
  return commit;
}

// Counts answers. Outlives the log that gives them.
class Tally {
 public:
  LogBackend::CommitDone Done() {
    {
      absl::MutexLock lock(&mutex_);
      ++open_;
      open_max_ = std::max(open_max_, open_);
    }
    return [this](absl::StatusOr<CommitReceipt> answer) {
      absl::MutexLock lock(&mutex_);
      --open_;
      if (answer.ok()) ++stored_;
      if (ReasonOf(answer.status()) == ErrorReason::kOverloaded) ++refused_;
    };
  }
  std::string Text() {
    absl::MutexLock lock(&mutex_);
    return absl::StrCat(stored_, " stored, ", refused_, " refused, at most ", open_max_,
                        " waiting");
  }
  bool AllAnswered() {
    absl::MutexLock lock(&mutex_);
    return open_ == 0 && stored_ + refused_ == kProposals;
  }
  uint64_t refused() {
    absl::MutexLock lock(&mutex_);
    return refused_;
  }
  uint64_t open_max() {
    absl::MutexLock lock(&mutex_);
    return open_max_;
  }

 private:
  absl::Mutex mutex_;
  uint64_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t open_max_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stored_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

void RunOnSlowDisk(const ScratchFolder& folder, Journal& journal) {
  const auto files = std::make_shared<FaultyFileSystem>(FaultPlan(), PowerCutPlan(),
                                                        folder.graveyard(), journal.io);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  fake::RecordingMetrics metrics;
  storage::RocksLogOptions options(folder.data(), metrics);
  options.disk_reserve = {.free_bytes_min = 1, .stop_bytes_min = 1};
  options.queue_bytes_max = kQueueBytes;
  options.group_bytes_max = kGroupBytes;
  options.memtable_bytes = kMemtableBytes;
  options.block_cache_bytes = kCacheBytes;
  options.env_for_test = env.get();
  auto log = storage::RocksLog::Open(options);
  if (!log.ok()) return journal.findings.Add(log.status().ToString());
  files->SlowSyncs(kSync);
  Tally tally;
  const uint64_t before = HeldBytes();
  uint64_t peak = before;
  for (uint64_t number = 1; number <= kProposals; ++number) {
    (*log)->Propose(LargeCommit(number), tally.Done());
    peak = std::max(peak, HeldBytes());
  }
  if (tally.refused() == 0) journal.findings.Add("nothing was refused");
  if (tally.open_max() > kWaitingMax) {
    journal.findings.Add(absl::StrCat(tally.open_max(), " were waiting at once"));
  }
  if (peak - before > kHeldBytesMax) {
    journal.findings.Add(absl::StrCat("memory grew by ", (peak - before) >> 20, " MB"));
  }
  files->SlowSyncs(absl::ZeroDuration());
  const absl::Time begun = absl::Now();
  if (!(*log)->Health().ok()) journal.findings.Add("not healthy on a disk that is slow");
  // What waits may leave no room yet, even for a small one.
  absl::Status answer;
  do {
    answer = ProposeNoted(**log, kProposals + 1, journal).status();
  } while (ReasonOf(answer) == ErrorReason::kOverloaded && absl::Now() - begun < kPromptly);
  if (!answer.ok() || absl::Now() - begun > kPromptly) {
    journal.findings.Add("did not recover when the disk did");
  }
  (*log)->Drain();
  if (!tally.AllAnswered())
    journal.findings.Add("not every proposal was answered: " + tally.Text());
}

std::string SlowRun(const std::string& planted) {
  const ScratchFolder folder;
  const Shared<Journal> journal;
  const ChildEnd end = RunInChild([&] {
    if (!planted.empty()) setenv("NEXUS_PLANTED_FAULT", planted.c_str(), 1);
    RunOnSlowDisk(folder, *journal);
  });
  if (!end.Exited(0)) return "ended with " + end.ToString();
  return journal->findings.text();
}

TEST(SlowDisk, RefusesWhatItCannotStoreInTime) { EXPECT_EQ(SlowRun(""), ""); }

TEST(SlowDisk, FindsAQueueWithoutABound) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  const std::string findings = SlowRun("queue_unbounded");
  EXPECT_THAT(findings, testing::HasSubstr("nothing was refused"));
  EXPECT_THAT(findings, testing::HasSubstr("were waiting at once"));
  EXPECT_THAT(findings, testing::HasSubstr("memory grew by"));
}

}  // namespace
}  // namespace nexus::evidence
