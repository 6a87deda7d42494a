#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "contract/event_log_contract.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {

// A log on RocksDB that can be closed, damaged and opened again.
class RocksLogFixture : public ::testing::Test {
 protected:
  RocksLogFixture() : options_(folder_.path(), metrics_) {
    options_.clock = &clock_;
    options_.disk_space = [this] { return DiskSpace{free_bytes_, 1u << 30}; };
    options_.disk_reserve = {.free_bytes_min = 1'000, .stop_bytes_min = 100};
    options_.on_fatal = [this](absl::Status status) {
      fatal_ = std::move(status);
      ++fatal_calls_;
    };
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<RocksLog>> opened = RocksLog::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    log_ = *std::move(opened);
  }
  void Close() { log_.reset(); }
  void Reopen() {
    Close();
    Open();
  }
  absl::Status OpenStatus() {
    Close();
    return RocksLog::Open(options_).status();
  }

  absl::StatusOr<CommitReceipt> Propose(const Commit& commit) {
    return contract::ProposeAndWait(*log_, commit);
  }
  absl::StatusOr<EventBatch> ReadAll() {
    return log_->ReadAll(Position(1), Direction::kForward, {100'000, 1 << 30});
  }
  std::vector<std::string> All() {
    const absl::StatusOr<EventBatch> page = ReadAll();
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? contract::ToTexts(*page) : std::vector<std::string>();
  }

  TemporaryFolder folder_;
  fake::RecordingMetrics metrics_;
  fake::ManualClock clock_;
  std::atomic<uint64_t> free_bytes_{1 << 30};
  absl::Status fatal_;
  std::atomic<int> fatal_calls_{0};
  RocksLogOptions options_;
  std::unique_ptr<RocksLog> log_;
};

}  // namespace nexus::storage
