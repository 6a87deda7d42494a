// Power cuts on a real file system: a writer on an ext4 of its own is killed, the file system is
// shut down without flushing its journal, mounted again and looked at.
//
// $NEXUS_EVIDENCE_CUTS: how many cuts in each mode of the journal (50).

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "evidence/child.h"
#include "evidence/log_check.h"
#include "evidence/loop_disk.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"
#include "fake/requirement.h"

namespace nexus::evidence {
namespace {

constexpr int kMebibytes = 256;
constexpr int kCutsPerFolder = 10;
constexpr int kWriteMsMax = 40;
constexpr int kOpenMsMax = 5'000;

// One disk, one log after the other on it, a power cut a cycle.
class CutRun {
 public:
  CutRun(LoopDisk& disk, std::string planted, uint64_t seed)
      : disk_(disk), planted_(std::move(planted)), random_(seed) {}

  // What was found; empty: nothing.
  std::string Cycle() {
    if (cycle_++ % kCutsPerFolder == 0) Begin();
    const bool while_opening = cycle_ % 4 == 3;
    journal_->opened = false;
    {
      Child writer([this] { Write(); });
      for (int i = 0; !while_opening && !journal_->opened && i < kOpenMsMax; ++i) {
        poll(nullptr, 0, 1);
      }
      poll(nullptr, 0, static_cast<int>(random_() % kWriteMsMax));
      writer.Kill();
    }
    const absl::Status cut = disk_.CutPower();
    if (!cut.ok()) return std::string(cut.message());
    const ChildEnd end = RunInChild([this] {
      Plant();
      CheckFolder(folder_, nullptr, *journal_);
    });
    if (!end.Exited(0)) journal_->findings.Add("the check ended with " + end.ToString());
    return journal_->findings.text();
  }

  uint64_t stored() const { return stored_ + CountStored(); }

 private:
  void Begin() {
    if (!folder_.empty()) {
      stored_ += CountStored();
      std::filesystem::remove_all(folder_);
    }
    folder_ = absl::StrCat(disk_.path(), "/data-", cycle_);
    journal_.emplace();
  }

  void Plant() const {
    if (!planted_.empty()) setenv("NEXUS_PLANTED_FAULT", planted_.c_str(), 1);
  }

  void Write() {
    Plant();
    WriterOptions options;
    options.folder = folder_;
    options.first = journal_->called + 1;
    options.commits = kCommitsMax - journal_->called - 1;
    options.in_flight = 8;
    options.memtable_bytes = 256 << 10;
    RunWriter(options, *journal_);
  }

  uint64_t CountStored() const {
    uint64_t stored = 0;
    for (uint64_t number = 1; number <= journal_->called; ++number) {
      if (journal_->of(number).answer == Answer::kStored) ++stored;
    }
    return stored;
  }

  // A journal in shared memory that can be replaced.
  class Slot {
   public:
    void emplace() { journal_ = std::make_unique<Shared<Journal>>(); }
    Journal* operator->() const { return &**journal_; }
    Journal& operator*() const { return **journal_; }

   private:
    std::unique_ptr<Shared<Journal>> journal_;
  };

  LoopDisk& disk_;
  const std::string planted_;
  std::mt19937_64 random_;
  int cycle_ = 0;
  std::string folder_;
  Slot journal_;
  uint64_t stored_ = 0;
};

class PowerCut : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string why = WhyNoLoopDisk();
    fake::Require(why.empty(), absl::StrCat("power cuts need root and loop devices: ", why));
  }
};

TEST_P(PowerCut, LosesNothingAcknowledged) {
  auto disk = LoopDisk::Create(kMebibytes, GetParam());
  ASSERT_TRUE(disk.ok()) << disk.status();
  const uint64_t cuts = CountFromEnvironment("NEXUS_EVIDENCE_CUTS", 50);
  CutRun run(**disk, "", 1);
  const absl::Time begun = absl::Now();
  for (uint64_t i = 1; i <= cuts; ++i) ASSERT_EQ(run.Cycle(), "") << "cut " << i;
  const double each = absl::ToDoubleSeconds(absl::Now() - begun) / static_cast<double>(cuts);
  std::printf("%s: %llu cuts, %.2f s each, %llu commits acknowledged, 0 lost\n", GetParam().c_str(),
              (unsigned long long)cuts, each, (unsigned long long)run.stored());
  EXPECT_GT(run.stored(), cuts);
}

TEST_P(PowerCut, FindsThatWritesWereNotSynced) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  auto disk = LoopDisk::Create(kMebibytes, GetParam());
  ASSERT_TRUE(disk.ok()) << disk.status();
  CutRun run(**disk, "sync_off", 2);
  for (int i = 1; i <= 20; ++i) {
    const std::string findings = run.Cycle();
    if (findings.empty()) continue;
    std::printf("found in cut %d: %s\n", i, findings.substr(0, findings.find('\n')).c_str());
    return;
  }
  FAIL() << "20 power cuts without a sync, and nothing was missed";
}

INSTANTIATE_TEST_SUITE_P(Ext4, PowerCut, testing::Values("data=ordered", "data=writeback"),
                         [](const auto& mode) { return mode.param.substr(5); });

}  // namespace
}  // namespace nexus::evidence
