// The whole daemon on a small ext4 of its own: power cuts under load, and a disk that is full and
// has room again.
//
// $NEXUS_EVIDENCE_DAEMON_CUTS (10), $NEXUS_EVIDENCE_FULL_DISKS (10): how many.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "crash/crash_run.h"
#include "crash/reader.h"
#include "crash/writer.h"
#include "evidence/loop_disk.h"
#include "evidence/scratch_folder.h"
#include "fake/requirement.h"
#include "harness/nexusd/nexusd_process.h"
#include "history/check.h"
#include "history/commit_maker.h"
#include "nexus/core/status_macros.h"
#include "nexus/v1/schema_registry.grpc.pb.h"

namespace nexus::evidence {
namespace {

constexpr int kCutMebibytes = 256;
constexpr int kCutsPerRound = 50;
// The log sets 70 MB aside for a write-ahead log, as long as there is room.
constexpr int kSmallMebibytes = 256;
constexpr uint64_t kReserveBytes = 16 << 20;
constexpr absl::Duration kPatience = absl::Seconds(60);

using Stub = v1::EventStoreService::Stub;

class DaemonDisk : public testing::Test {
 protected:
  void SetUp() override {
    const std::string why = WhyNoLoopDisk();
    fake::Require(why.empty(), absl::StrCat("this needs root and loop devices: ", why));
  }

  void MakeDisk(int mebibytes) {
    auto disk = LoopDisk::Create(mebibytes, "data=ordered");
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = *std::move(disk);
  }

  std::unique_ptr<LoopDisk> disk_;
};

crash::CrashOptions CutOptions(LoopDisk& disk, int cycles) {
  crash::CrashOptions options;
  options.cycles = cycles;
  options.writers = 8;
  options.load_max = absl::Milliseconds(800);
  options.environment = {{"NEXUS_STORAGE__FREE_BYTES_MIN", "1000000"}};
  options.share_policy_engine = false;  // it would be cut off with the disk
  options.check_outbox = false;         // its last lines may go with the power, and are sent again
  options.after_kill = [&disk] { return disk.CutPower(); };
  return options;
}

// In rounds on a new folder each: a round's journal and log are held in memory.
TEST_F(DaemonDisk, PowerCutsLoseNothingAcknowledged) {
  const auto cycles = static_cast<int>(CountFromEnvironment("NEXUS_EVIDENCE_DAEMON_CUTS", 10));
  const absl::Time begun = absl::Now();
  uint64_t stored = 0;
  uint64_t seed = 1;
  for (int done = 0; done < cycles; done += kCutsPerRound) {
    MakeDisk(kCutMebibytes);
    crash::CrashOptions options = CutOptions(*disk_, std::min(kCutsPerRound, cycles - done));
    options.seed = seed++;
    crash::CrashRun run(options, disk_->path() + "/data");
    const absl::Status status = run.Run();
    ASSERT_TRUE(status.ok()) << "seed " << options.seed << ": " << status.message();
    stored += run.report().commits_stored;
  }
  std::printf("%d power cuts, %llu commits stored, %.1f s\n", cycles, (unsigned long long)stored,
              absl::ToDoubleSeconds(absl::Now() - begun));
  EXPECT_GT(stored, static_cast<uint64_t>(cycles));
}

TEST_F(DaemonDisk, PowerCutsFindThatWritesWereNotSynced) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  MakeDisk(kCutMebibytes);
  crash::CrashOptions options = CutOptions(*disk_, 8);
  options.environment.emplace_back("NEXUS_PLANTED_FAULT", "sync_off");
  crash::CrashRun run(options, disk_->path() + "/data");
  const absl::Status status = run.Run();
  // The daemon itself may be the first to miss something, by its anchor.
  EXPECT_TRUE(absl::IsDataLoss(status) ||
              absl::StrContains(status.message(), "acknowledged data is missing"))
      << status.message();
  std::printf("found: %s\n", std::string(status.message().substr(0, 100)).c_str());
}

// A file that takes the room of others.
class Filler {
 public:
  explicit Filler(const LoopDisk& disk) : folder_(disk.path()), path_(folder_ + "/filler") {}

  // Leaves `bytes` free.
  bool FillTo(uint64_t bytes) {
    const uint64_t free = FreeBytes();
    if (free <= bytes) return true;
    const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    const uint64_t have = std::filesystem::file_size(path_);
    const bool filled =
        posix_fallocate(fd, static_cast<off_t>(have), static_cast<off_t>(free - bytes)) == 0;
    close(fd);
    return filled;
  }
  // Whatever room is left.
  void FillUp() {
    for (uint64_t step = 1 << 20; step >= 4096; step /= 2) {
      while (FreeBytes() >= step && FillTo(FreeBytes() - step)) {
      }
    }
  }
  void Free() { std::filesystem::remove(path_); }
  uint64_t FreeBytes() const { return std::filesystem::space(folder_).available; }

 private:
  const std::string folder_;
  const std::string path_;
};

class FullDisk : public DaemonDisk {
 protected:
  void SetUp() override {
    DaemonDisk::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    MakeDisk(kSmallMebibytes);
    filler_ = std::make_unique<Filler>(*disk_);
    for (uint32_t i = 0; i < 4; ++i) {
      writers_.push_back(
          std::make_unique<crash::Writer>(i, 77 + i, crash::CrashOptions().mix, ticks_));
    }
  }

  void Start(const std::string& planted = "") {
    daemon_.reset();
    harness::NexusdOptions options;
    options.data_folder = disk_->path() + "/data";
    options.environment = {{"NEXUS_STORAGE__FREE_BYTES_MIN", absl::StrCat(kReserveBytes)},
                           {"NEXUS_PLANTED_FAULT", planted}};
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status().message();
    daemon_ = *std::move(started);
    stub_ = v1::EventStoreService::NewStub(daemon_->Channel());
  }

  void RegisterSchema() {
    const auto stub = v1::SchemaRegistryService::NewStub(daemon_->Channel());
    for (const std::string& type : history::CommitMaker::Types()) {
      grpc::ClientContext context;
      v1::RegisterSchemaRequest request;
      request.set_subject(type);
      request.set_definition(R"({"type": "object"})");
      v1::Schema schema;
      const grpc::Status status = stub->RegisterSchema(&context, request, &schema);
      ASSERT_TRUE(status.ok()) << status.error_message();
    }
  }

  // Each writer appends until it is refused.
  void AppendUntilRefused() {
    std::vector<std::thread> threads;
    std::vector<absl::Status> results(writers_.size());
    for (size_t i = 0; i < writers_.size(); ++i) {
      threads.emplace_back([this, i, &results] {
        const auto stub = v1::EventStoreService::NewStub(daemon_->Channel());
        results[i] = writers_[i]->RunUntilTheEnd(*stub);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& result : results) EXPECT_TRUE(result.ok()) << result.message();
  }

  // More at once than the room that is set aside already.
  void AppendLargeUntilRefused() {
    const std::string data = absl::StrCat(R"({"filler":")", std::string(900'000, 'x'), R"("})");
    grpc::Status status;
    for (int i = 0; i < 1'000 && status.ok(); ++i) {
      v1::AppendRequest request;
      v1::StreamAppend& append = *request.add_streams();
      append.set_stream("large");
      append.mutable_expected_revision()->mutable_any();
      v1::NewEvent& event = *append.add_events();
      event.set_type(history::CommitMaker::Types().front());
      event.set_data(data);
      grpc::ClientContext context;
      v1::AppendResponse receipt;
      status = stub_->Append(&context, request, &receipt);
    }
    EXPECT_FALSE(status.ok());
  }

  void SettleAll() {
    for (const auto& writer : writers_) {
      const absl::Status status = writer->Settle(*stub_, kPatience);
      ASSERT_TRUE(status.ok()) << status.message() << "\n" << daemon_->Output();
    }
  }

  // Everything can be read, and all that was acknowledged is there.
  void Verify() {
    history_.log.clear();
    const absl::Status read = crash::ReadOn(*stub_, 0, ticks_, history_.log, history_.calls);
    ASSERT_TRUE(read.ok()) << read.message() << "\n" << daemon_->Output();
    for (const auto& writer : writers_) history_.Add(writer->TakeJournal());
    EXPECT_EQ(history::Check(history_).ToString(), "");
  }

  history::Ticks ticks_;
  history::History history_;
  std::vector<std::unique_ptr<crash::Writer>> writers_;
  std::unique_ptr<Filler> filler_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::unique_ptr<Stub> stub_;
};

TEST_F(FullDisk, RefusesAppendsServesReadsAndGoesOnByItself) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(RegisterSchema());
  const uint64_t times = CountFromEnvironment("NEXUS_EVIDENCE_FULL_DISKS", 10);
  for (uint64_t i = 0; i < times; ++i) {
    // Another room each time, so that the limit is met in another place.
    ASSERT_TRUE(filler_->FillTo(kReserveBytes + i * 37 % 11 * 64 * 1024));
    ASSERT_NO_FATAL_FAILURE(AppendUntilRefused());
    ASSERT_TRUE(daemon_->Running()) << daemon_->Output();
    // Still above the mark at which the daemon would stop.
    if (i % 2 == 1) {
      ASSERT_TRUE(filler_->FillTo(kReserveBytes / 2));
    }
    ASSERT_NO_FATAL_FAILURE(Verify());
    filler_->Free();
    ASSERT_NO_FATAL_FAILURE(SettleAll());
    ASSERT_TRUE(daemon_->Running()) << daemon_->Output();
  }
  ASSERT_NO_FATAL_FAILURE(Verify());
}

TEST_F(FullDisk, StartsAgainAfterAKillWhileNothingIsFree) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(RegisterSchema());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(filler_->FillTo(kReserveBytes + (1 << 19)));
    ASSERT_NO_FATAL_FAILURE(AppendUntilRefused());
    filler_->FillUp();
    daemon_->Kill();
    history_.crashes.push_back(ticks_.Next());
    // Only what was put aside for this makes it possible to write the files of a start.
    const bool has_ballast = std::filesystem::exists(disk_->path() + "/data/ballast");
    if (!has_ballast) filler_->Free();
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_NO_FATAL_FAILURE(Verify());
    filler_->Free();
    ASSERT_NO_FATAL_FAILURE(SettleAll());
  }
  ASSERT_NO_FATAL_FAILURE(Verify());
}

// The control: without a reserve the daemon runs into the end of the disk, and stops.
TEST_F(FullDisk, FindsThatNoReserveIsKept) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  ASSERT_NO_FATAL_FAILURE(Start("no_disk_reserve"));
  ASSERT_NO_FATAL_FAILURE(RegisterSchema());
  ASSERT_TRUE(filler_->FillTo(64 * 1024));
  AppendLargeUntilRefused();
  EXPECT_TRUE(daemon_->WaitForExit(kPatience).ok());
}

}  // namespace
}  // namespace nexus::evidence
