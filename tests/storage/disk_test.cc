// Disk space: watermarks, the ballast file, and a start on a disk that is really full.

#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "storage/rocks_log_fixture.h"
#include "storage/rocksdb/ballast.h"

namespace nexus::storage {
namespace {

namespace fs = std::filesystem;
using contract::CommitOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kGiB = 1 << 30;

DiskReport LookAt(uint64_t free, uint64_t total, DiskReserve reserve = {}) {
  return DiskGuard(reserve, [=] { return DiskSpace{free, total}; }).Look();
}

TEST(DiskGuardTest, KeepsATenthButNotMoreThanIsUseful) {
  EXPECT_EQ(LookAt(0, 20 * kGiB).reserve_bytes, 2 * kGiB);
  EXPECT_EQ(LookAt(0, 20 * kGiB).stop_bytes, kGiB / 2);
  EXPECT_EQ(LookAt(0, 10'000 * kGiB).reserve_bytes, 4 * kGiB);
  EXPECT_EQ(LookAt(0, 20 * kGiB, {.free_bytes_min = 8 * kMiB}).reserve_bytes, 8 * kMiB);
}

TEST(DiskGuardTest, TellsLowFromExhausted) {
  const DiskReserve reserve{.free_bytes_min = 1'000, .stop_bytes_min = 100};
  EXPECT_EQ(LookAt(1'000, kGiB, reserve).state, DiskState::kEnough);
  EXPECT_EQ(LookAt(999, kGiB, reserve).state, DiskState::kLow);
  EXPECT_EQ(LookAt(100, kGiB, reserve).state, DiskState::kLow);
  EXPECT_EQ(LookAt(99, kGiB, reserve).state, DiskState::kExhausted);
}

TEST(BallastTest, HoldsSpaceUntilItIsFreed) {
  TemporaryFolder folder;
  Ballast ballast(folder.path() + "/ballast", kMiB);
  EXPECT_EQ(ballast.HeldBytes(), 0u);
  ASSERT_TRUE(ballast.Keep().ok());
  EXPECT_GE(ballast.HeldBytes(), kMiB);
  ASSERT_TRUE(ballast.Keep().ok());
  EXPECT_GE(ballast.Free().value(), kMiB);
  EXPECT_EQ(ballast.HeldBytes(), 0u);
  EXPECT_EQ(ballast.Free().value(), 0u);
}

TEST(BallastTest, IsNotMadeIfItIsNotWanted) {
  TemporaryFolder folder;
  ASSERT_TRUE(Ballast(folder.path() + "/ballast", 0).Keep().ok());
  EXPECT_FALSE(fs::exists(folder.path() + "/ballast"));
}

TEST(BallastTest, SaysThatItCannotBeMade) {
  EXPECT_FALSE(Ballast("/nowhere/ballast", 1).Keep().ok());
}

class RocksLogDisk : public RocksLogFixture {
 protected:
  RocksLogDisk() {
    options_.ballast_bytes = kMiB;
    options_.on_notice = [this](absl::string_view notice) {
      notices_.emplace_back(notice.data(), notice.size());
    };
  }
  uint64_t HeldBytes() const { return Ballast(options_.folder + "/ballast", 0).HeldBytes(); }

  std::vector<std::string> notices_;
};

TEST_F(RocksLogDisk, SaysWhatItFindsInItsMetrics) {
  Open();
  EXPECT_EQ(metrics_.Value("nexus_disk_free_bytes"), kGiB);
  EXPECT_EQ(metrics_.Value("nexus_disk_state"), 0);
  EXPECT_GE(metrics_.Value("nexus_disk_ballast_bytes"), kMiB);
  free_bytes_ = 500;
  EXPECT_EQ(log_->TendDisk().report.state, DiskState::kLow);
  EXPECT_EQ(metrics_.Value("nexus_disk_state"), 1);
  EXPECT_EQ(metrics_.Value("nexus_log_disk_full"), 1);
  free_bytes_ = 50;
  EXPECT_EQ(log_->TendDisk().report.state, DiskState::kExhausted);
  EXPECT_EQ(metrics_.Value("nexus_disk_state"), 2);
}

TEST_F(RocksLogDisk, FreesItsBallastToStartOnAFullDiskAndMakesItAgain) {
  Open();
  EXPECT_GE(HeldBytes(), kMiB);
  Close();
  free_bytes_ = 50;
  Open();
  EXPECT_EQ(HeldBytes(), 0u);
  EXPECT_THAT(notices_, Contains(HasSubstr("removed the ballast file")));
  EXPECT_EQ(ReasonOf(Propose(CommitOf(1).Event("a", "x")).status()), ErrorReason::kDiskFull);
  // Enough for appends, not for the ballast on top.
  free_bytes_ = 1'000 + kMiB - 1;
  log_->TendDisk();
  EXPECT_EQ(HeldBytes(), 0u);
  EXPECT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  free_bytes_ = 1'000 + kMiB;
  log_->TendDisk();
  EXPECT_GE(HeldBytes(), kMiB);
}

TEST_F(RocksLogDisk, KeepsItsBallastOnALowDisk) {
  Open();
  Close();
  free_bytes_ = 500;
  Open();
  EXPECT_GE(HeldBytes(), kMiB);
}

// A file system of its own, in memory, that a test may fill.
class SmallDisk : public RocksLogDisk {
 protected:
  static constexpr uint64_t kBytes = 48 * kMiB;

  void SetUp() override {
    const std::string size = absl::StrCat("size=", kBytes);
    mounted_ = mount("none", mount_.path().c_str(), "tmpfs", 0, size.c_str()) == 0;
    if (!fake::Require(mounted_, absl::StrCat("no privilege to mount a file system (run as root): ",
                                              std::strerror(errno)))) {
      return;
    }
    options_.folder = mount_.path() + "/data";
    options_.disk_space = {};
    options_.disk_reserve = {};
    options_.ballast_bytes = 64 * kMiB;
  }
  void TearDown() override {
    Close();
    if (mounted_) umount2(mount_.path().c_str(), MNT_DETACH);
  }

  // Until there is no room, or `left` bytes are free.
  void Fill(uint64_t left = 0) {
    const DiskSpace space = *ProbeDiskSpace(mount_.path());
    if (space.free_bytes <= left) return;
    std::ofstream file(mount_.path() + "/fill", std::ios::binary | std::ios::app);
    const std::string block(4'096, 'x');
    for (uint64_t n = (space.free_bytes - left) / block.size() + 1; n > 0 && file; --n) {
      file << block;
      file.flush();
    }
  }
  void Empty() { fs::remove(mount_.path() + "/fill"); }

  // Appends until the log refuses; gives the number of stored commits.
  uint64_t AppendUntilRefused(uint64_t first) {
    const std::string data(50'000, 'd');
    for (uint64_t id = first;; ++id) {
      const auto receipt = Propose(CommitOf(id).Event("a", absl::StrCat(id, data)));
      if (receipt.ok()) continue;
      EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kDiskFull) << receipt.status();
      return id - first;
    }
  }

  TemporaryFolder mount_;
  bool mounted_ = false;
};

TEST_F(SmallDisk, RefusesBeforeAnythingFailsAndGoesOnWhenThereIsSpace) {
  Open();
  Fill(16 * kMiB);
  const uint64_t stored = AppendUntilRefused(1);
  EXPECT_GT(stored, 10u);
  EXPECT_EQ(fatal_calls_, 0);
  EXPECT_EQ(log_->ReadAll(Position(1), Direction::kForward, PageLimits())->events.empty(), false);
  Empty();
  EXPECT_TRUE(Propose(CommitOf(100'000).Event("a", "again")).ok());
  Reopen();
  EXPECT_EQ(log_->Head(), Position(stored + 1));
}

// Closing flushes nothing: the next start has to, and there is no room but the ballast.
TEST_F(SmallDisk, StartsOnADiskWithoutAFreeByte) {
  Open();
  const uint64_t stored = AppendUntilRefused(1);
  Close();
  EXPECT_GT(stored, 10u);
  Fill();
  ASSERT_GT(HeldBytes(), 0u);
  Open();
  EXPECT_EQ(log_->Head(), Position(stored));
  // What the start wrote to tables frees write-ahead logs sooner or later: by now an append may
  // find room, and some of it may be held back again.
  Empty();
  EXPECT_TRUE(Propose(CommitOf(100'000).Event("a", "x")).ok());
}

}  // namespace
}  // namespace nexus::storage
