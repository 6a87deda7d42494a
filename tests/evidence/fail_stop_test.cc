// What the log does about each class of error that RocksDB meets: it stops, or ends, or goes on,
// and nothing acknowledged is lost.

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <stdlib.h>

#include <atomic>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "evidence/child.h"
#include "evidence/journal.h"
#include "evidence/log_check.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"
#include "fake/eventually.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kHealthyCommits = 20;
constexpr uint64_t kCommitsUntilMet = 1'000;
constexpr int kMoreCommits = 3;
constexpr absl::Duration kPatience = absl::Seconds(10);
// A start makes a table of each column family out of the write-ahead log. Tables of `commits` are
// only moved; those of `streams` overlap, and four of them are compacted.
constexpr int kStartsUntilCompaction = 5;
constexpr char kFlushThread[] = "rocksdb:high";
constexpr char kCompactionThread[] = "rocksdb:low";

enum class Ending {
  kStops,  // takes no commit more, tells why once, and serves reads
  kEnds,   // Debian's RocksDB asserts and the process ends; one without assertions must stop
  kGoesOn,
};

struct Case {
  std::string name;
  FaultRule rule;
  Ending ending;
};

std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name; }

class Writer {
 public:
  Writer(const ScratchFolder& folder, Journal& journal)
      : journal_(journal),
        files_(std::make_shared<FaultyFileSystem>(FaultPlan(), PowerCutPlan(), folder.graveyard(),
                                                  journal.io)),
        env_(rocksdb::NewCompositeEnv(files_)),
        options_(folder.data(), metrics_) {
    options_.disk_reserve = {.free_bytes_min = 1, .stop_bytes_min = 1};
    options_.memtable_bytes = 32 << 10;
    options_.block_cache_bytes = 1 << 20;
    options_.env_for_test = env_.get();
    options_.on_fatal = [this](const absl::Status&) { ++fatal_calls_; };
  }

  void Run(const Case& what) {
    const bool compaction = what.rule.thread == kCompactionThread;
    const int starts = compaction ? kStartsUntilCompaction : 1;
    for (int start = 1; start < starts; ++start) {
      if (!Open()) return;
      StoreHealthy();
      log_.reset();
    }
    if (compaction) files_->FailFromNow(what.rule);
    if (!Open()) return;
    if (!compaction) {
      StoreHealthy();
      files_->FailFromNow(what.rule);
    }
    if (what.ending == Ending::kGoesOn) {
      GoOn(*log_);
    } else {
      Stop(*log_);
    }
    CheckReads(*log_, journal_.findings);
    log_->Drain();
  }

 private:
  bool Open() {
    auto log = storage::RocksLog::Open(options_);
    if (!log.ok()) journal_.findings.Add(log.status().ToString());
    if (log.ok()) log_ = *std::move(log);
    return log_ != nullptr;
  }

  void StoreHealthy() {
    for (uint64_t i = 0; i < kHealthyCommits; ++i) ExpectStored(*log_);
  }

  void ExpectStored(storage::RocksLog& log) {
    const auto answer = ProposeNoted(log, ++last_, journal_);
    if (!answer.ok()) journal_.findings.Add(answer.status().ToString());
  }

  void Stop(storage::RocksLog& log) {
    absl::Status answer;
    for (uint64_t i = 0; i < kCommitsUntilMet && answer.ok(); ++i) {
      answer = ProposeNoted(log, ++last_, journal_).status();
    }
    const ErrorReason reason = ReasonOf(answer);
    if (reason != ErrorReason::kOutcomeUnknown && reason != ErrorReason::kNotReady) {
      journal_.findings.Add(absl::StrCat("nothing stopped it: ", answer.ToString()));
    }
    for (int i = 0; i < kMoreCommits; ++i) {
      const absl::Status more = ProposeNoted(log, ++last_, journal_).status();
      if (ReasonOf(more) == ErrorReason::kNotReady) continue;
      journal_.findings.Add(absl::StrCat("after the error: ", more.ToString()));
    }
    if (ReasonOf(log.Health()) != ErrorReason::kNotReady) journal_.findings.Add("it looks healthy");
    if (!fake::Eventually([&] { return fatal_calls_ == 1; }, kPatience)) {
      journal_.findings.Add(absl::StrCat("told ", fatal_calls_.load(), " times why it stopped"));
    }
  }

  void GoOn(storage::RocksLog& log) {
    if (!fake::Eventually([&] { return log.TendDisk().restart; }, kPatience)) {
      journal_.findings.Add("it did not ask to be opened anew");
    }
    for (int i = 0; i < kMoreCommits; ++i) ExpectStored(log);
    if (!log.Health().ok()) journal_.findings.Add(log.Health().ToString());
    if (fatal_calls_ != 0) journal_.findings.Add("it said that it has to stop");
  }

  Journal& journal_;
  fake::RecordingMetrics metrics_;
  const std::shared_ptr<FaultyFileSystem> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  storage::RocksLogOptions options_;
  std::atomic<int> fatal_calls_{0};
  std::unique_ptr<storage::RocksLog> log_;
  uint64_t last_ = 0;
};

// What is wrong about how the log took the error; empty: nothing.
std::string FindingsOf(const Case& what, const std::string& planted = "") {
  const ScratchFolder folder;
  const Shared<Journal> journal;
  const ChildEnd end = RunInChild([&] {
    if (!planted.empty()) setenv("NEXUS_PLANTED_FAULT", planted.c_str(), 1);
    Writer(folder, *journal).Run(what);
  });
  if (!journal->io.hit) journal->findings.Add("the error was never met");
  const bool may_end = what.ending == Ending::kEnds && end.Aborted();
  if (!end.Exited(0) && !may_end) journal->findings.Add("the writer ended with " + end.ToString());
  const ChildEnd check = RunInChild([&] { CheckFolder(folder.data(), nullptr, *journal); });
  if (!check.Exited(0)) journal->findings.Add("the check ended with " + check.ToString());
  return journal->findings.text();
}

class FailStop : public ::testing::TestWithParam<Case> {};

TEST_P(FailStop, TakesTheErrorAsItShouldAndLosesNothing) { EXPECT_EQ(FindingsOf(GetParam()), ""); }

INSTANTIATE_TEST_SUITE_P(
    Errors, FailStop,
    ::testing::Values(
        Case{"WalAppend", {".log", IoKind::kAppend, FaultKind::kIoError}, Ending::kEnds},
        Case{"WalAppendNoSpace", {".log", IoKind::kAppend, FaultKind::kNoSpace}, Ending::kEnds},
        Case{"WalShortWrite", {".log", IoKind::kAppend, FaultKind::kShortWrite}, Ending::kEnds},
        Case{"WalSync", {".log", IoKind::kSync, FaultKind::kIoError}, Ending::kStops},
        Case{"NewWalNoSpace", {".log", IoKind::kCreate, FaultKind::kNoSpace}, Ending::kStops},
        Case{"Flush", {".sst", IoKind::kAppend, FaultKind::kIoError, kFlushThread}, Ending::kStops},
        Case{"FlushNoSpace",
             {".sst", IoKind::kAppend, FaultKind::kNoSpace, kFlushThread},
             Ending::kStops},
        Case{"Manifest", {"MANIFEST", IoKind::kAppend, FaultKind::kIoError}, Ending::kStops},
        Case{"Compaction",
             {".sst", IoKind::kAppend, FaultKind::kIoError, kCompactionThread},
             Ending::kStops},
        Case{"CompactionNoSpace",
             {".sst", IoKind::kAppend, FaultKind::kNoSpace, kCompactionThread},
             Ending::kGoesOn},
        Case{"CompactionFindsDamage",
             {".sst", IoKind::kRead, FaultKind::kFlippedBit, kCompactionThread},
             Ending::kStops}),
    [](const auto& param) { return param.param.name; });

TEST(FailStopControl, FindsALogThatGoesOnAfterAFailure) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  const Case sync{"WalSync", {".log", IoKind::kSync, FaultKind::kIoError}, Ending::kStops};
  EXPECT_NE(FindingsOf(sync, "go_on_after_failure"), "");
}

}  // namespace
}  // namespace nexus::evidence
