// Every planted fault is found by a check that finds nothing without it. The table of
// docs/evidence/planted-faults.md is printed at the end.

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <stdlib.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "evidence/child.h"
#include "evidence/io_failure.h"
#include "evidence/log_check.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"
#include "fake/requirement.h"
#include "nexus/core/errors.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kTriesMax = 120;

// What a check found; empty: nothing.
using Check = std::function<std::string(const std::string& planted)>;

bool HasPlantedFaults() {
#ifdef NEXUS_PLANTED_FAULTS
  return true;
#else
  return false;
#endif
}

std::string PlainRun(const std::string& planted) {
  FaultRun run;
  run.planted = planted;
  return RunWithFault(run).findings;
}

// Power cuts spread over the run, until one finds something.
std::string PowerCuts(const std::string& planted) {
  const uint64_t tries = planted.empty() ? 15 : kTriesMax;
  for (uint64_t i = 0; i < tries; ++i) {
    FaultRun run;
    run.planted = planted;
    run.in_flight = 4;
    run.cut.at = 60 + i * 7 % 200;
    run.cut.seed = i;
    const std::string findings = RunWithFault(run).findings;
    if (!findings.empty()) return findings;
  }
  return "";
}

std::string FailedWrites(const std::string& planted) {
  const uint64_t tries = planted.empty() ? 15 : kTriesMax;
  for (uint64_t i = 0; i < tries; ++i) {
    FaultRun run;
    run.planted = planted;
    run.fault.at = 60 + i * 7 % 200;
    const std::string findings = RunWithFault(run).findings;
    if (!findings.empty()) return findings;
  }
  return "";
}

// Runs `body` on a log of its own in a child.
std::string WithLog(
    const std::string& planted,
    const std::function<void(storage::RocksLog&, FaultyFileSystem&, Journal&)>& body) {
  const ScratchFolder folder;
  const Shared<Journal> journal;
  const ChildEnd end = RunInChild([&] {
    if (!planted.empty()) setenv("NEXUS_PLANTED_FAULT", planted.c_str(), 1);
    const auto files = std::make_shared<FaultyFileSystem>(FaultPlan(), PowerCutPlan(),
                                                          folder.graveyard(), journal->io);
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    auto log = OpenLog(folder.data(), env.get());
    if (log.ok()) return body(**log, *files, *journal);
    journal->findings.Add(log.status().ToString());
  });
  if (!end.Exited(0)) return absl::StrCat("ended with ", end.ToString());
  return journal->findings.text();
}

// Sixteen commits, proposed while a write is held so that they meet in one group. Each is made by
// `prepare` such that one of them may pass.
std::string RaceInAGroup(const std::string& planted, const std::function<void(Commit&)>& prepare) {
  return WithLog(planted, [&](storage::RocksLog& log, FaultyFileSystem& files, Journal& journal) {
    files.HoldSyncs(true);
    absl::Mutex mutex;
    int stored = 0;
    log.Propose(WorkloadCommit(1), [](absl::StatusOr<CommitReceipt>) {});
    files.WaitForHeldSync();
    for (uint64_t number = 2; number < 18; ++number) {
      Commit commit = WorkloadCommit(5 * number);
      prepare(commit);
      log.Propose(std::move(commit), [&](absl::StatusOr<CommitReceipt> answer) {
        absl::MutexLock lock(&mutex);
        if (answer.ok()) ++stored;
      });
    }
    files.HoldSyncs(false);
    log.Drain();
    absl::MutexLock lock(&mutex);
    if (stored == 1) return;
    journal.findings.Add(absl::StrCat(stored, " of 16 passed, where one may"));
  });
}

std::string RaceForAStream(const std::string& planted) {
  return RaceInAGroup(planted, [](Commit& commit) {
    commit.streams[0] = {StreamName::Literal("raced"), ExpectedRevision::NoStream()};
  });
}

std::string RaceForATag(const std::string& planted) {
  return RaceInAGroup(planted, [](Commit& commit) {
    for (CommitEvent& entry : commit.events) entry.event.tags = {"raced"};
    AppendCondition condition;
    condition.fail_if_match.items.push_back({.tags = {"raced"}});
    commit.conditions.push_back(condition);
  });
}

// A commit that is stored, and what is sent again afterwards must not be.
std::string SentAgain(const std::string& planted, const std::function<void(Commit&)>& change) {
  return WithLog(planted, [&](storage::RocksLog& log, FaultyFileSystem&, Journal& journal) {
    if (!ProposeNoted(log, 1, journal).ok()) journal.findings.Add("the first commit was refused");
    const Position head = log.Head();
    Commit commit = WorkloadCommit(1);
    change(commit);
    log.Propose(std::move(commit), [](absl::StatusOr<CommitReceipt>) {});
    log.Drain();
    if (log.Head() != head) journal.findings.Add("what may not be stored moved the head");
  });
}

std::string CommitIdWithOtherEvents(const std::string& planted) {
  return SentAgain(planted, [](Commit& commit) { commit.events = WorkloadCommit(2).events; });
}

std::string EventIdsInAnotherCommit(const std::string& planted) {
  return SentAgain(planted, [](Commit& commit) { commit.id = WorkloadCommit(2).id; });
}

// While the write of a commit is held, nobody may be shown it.
std::string HeadDuringAWrite(const std::string& planted) {
  return WithLog(planted, [](storage::RocksLog& log, FaultyFileSystem& files, Journal& journal) {
    files.HoldSyncs(true);
    log.Propose(WorkloadCommit(1), [](absl::StatusOr<CommitReceipt>) {});
    files.WaitForHeldSync();
    if (log.Head().value != 0) journal.findings.Add("a head was shown that is not yet durable");
    files.HoldSyncs(false);
    log.Drain();
  });
}

struct Planted {
  std::string fault;
  std::string test;  // that finds it, and what it would find on its own
  Check check;
  friend void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.fault; }
};

class PlantedFaultTest : public testing::TestWithParam<Planted> {
 protected:
  void SetUp() override {
    fake::Require(HasPlantedFaults(),
                  "built without planted faults: configure with -DNEXUS_PLANTED_FAULTS=ON");
  }
};

TEST_P(PlantedFaultTest, IsFoundByItsTest) {
  const Planted& planted = GetParam();
  ASSERT_EQ(planted.check(""), "") << planted.test << " finds something without the fault";
  const absl::Time begun = absl::Now();
  const std::string findings = planted.check(planted.fault);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  ASSERT_NE(findings, "") << planted.test << " does not find " << planted.fault;
  const std::string first = findings.substr(0, findings.find('\n'));
  std::printf("| `%s` | %s | %.2f s | %s |\n", planted.fault.c_str(), planted.test.c_str(), seconds,
              first.c_str());
}

INSTANTIATE_TEST_SUITE_P(
    Evidence, PlantedFaultTest,
    testing::Values(
        Planted{"sync_off", "power cuts", PowerCuts},
        Planted{"ack_before_write", "failed writes", FailedWrites},
        Planted{"head_before_sync", "head during a write", HeadDuringAWrite},
        Planted{"go_on_after_failure", "failed writes", FailedWrites},
        Planted{"group_in_two", "failed writes", FailedWrites},
        Planted{"position_twice", "plain run", PlainRun},
        Planted{"revision_gap", "plain run", PlainRun},
        Planted{"commit_id_ignored", "commit id with other events", CommitIdWithOtherEvents},
        Planted{"event_ids_ignored", "event ids in another commit", EventIdsInAnotherCommit},
        Planted{"stale_head", "race for a stream", RaceForAStream},
        Planted{"condition_skips_group", "race for a tag", RaceForATag}),
    [](const auto& one) { return one.param.fault; });

}  // namespace
}  // namespace nexus::evidence
