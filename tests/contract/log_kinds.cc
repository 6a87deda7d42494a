#include "contract/event_log_contract.h"
#include "fake/recording_metrics.h"
#include "storage/memory/memory_log.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/temporary_folder.h"

namespace nexus::contract {
namespace {

class MemoryUnderTest : public LogUnderTest {
 public:
  LogBackend& log() override { return log_; }
  EventReader& reader() override { return log_; }

 private:
  storage::MemoryLog log_;
};

class RocksUnderTest : public LogUnderTest {
 public:
  RocksUnderTest() {
    storage::RocksLogOptions options(folder_.path(), metrics_);
    options.disk_space = [] { return storage::DiskSpace{1u << 30, 1u << 30}; };
    // Small groups and few cached heads: their edges are reached by the cases.
    options.group_commits_max = 4;
    options.cached_streams_max = 2;
    options.recent_events_max = 64;
    absl::StatusOr<std::unique_ptr<storage::RocksLog>> opened = storage::RocksLog::Open(options);
    if (!opened.ok()) std::abort();
    log_ = *std::move(opened);
  }
  LogBackend& log() override { return *log_; }
  EventReader& reader() override { return *log_; }

 private:
  storage::TemporaryFolder folder_;
  fake::RecordingMetrics metrics_;
  std::unique_ptr<storage::RocksLog> log_;
};

}  // namespace

std::unique_ptr<LogUnderTest> MakeMemoryLog() { return std::make_unique<MemoryUnderTest>(); }
std::unique_ptr<LogUnderTest> MakeRocksLog() { return std::make_unique<RocksUnderTest>(); }

}  // namespace nexus::contract
