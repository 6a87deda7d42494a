#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "cost/workloads.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "nexus/core/commit.h"
#include "nexus/core/random_ids.h"
#include "storage/rocksdb/rocks_log.h"

namespace nexus::cost {
namespace {

constexpr uint64_t kGroup = 64;

class LogWorkload : public Workload {
 public:
  LogWorkload(const std::string& folder, size_t events) : events_(events) {
    auto log = storage::RocksLog::Open(storage::RocksLogOptions(folder, metrics_));
    if (!log.ok()) Die(log.status().ToString());
    log_ = *std::move(log);
  }

  void Append(uint64_t appends) override {
    for (uint64_t i = 0; i < appends; ++i) {
      absl::Notification stored;
      log_->Propose(NextCommit(), [&](absl::StatusOr<CommitReceipt> receipt) {
        if (!receipt.ok()) Die(receipt.status().ToString());
        stored.Notify();
      });
      stored.WaitForNotification();
    }
  }

 protected:
  Commit NextCommit() {
    Commit commit;
    commit.id.bytes = ids_.NewUuid();
    commit.stamp = {"bench", "decision", "policy", 1};
    commit.proposed = Timestamp{static_cast<int64_t>(++commits_)};
    commit.streams.push_back({StreamName::Literal(absl::StrCat("cost-", commits_ % kStreams)), {}});
    commit.events.resize(events_);
    for (size_t i = 0; i < events_; ++i) {
      Event& event = commit.events[i].event;
      event.id = DeriveEventId(commit.id, static_cast<uint32_t>(i));
      event.type = "cost.counted";
      event.content_type = "application/json";
      event.data.assign(kEventBytes, 'x');
    }
    return commit;
  }

  storage::RocksLog& log() { return *log_; }

 private:
  const size_t events_;
  const fake::ManualClock clock_;
  RandomIds ids_{clock_};  // of version 7, as clients should send them
  fake::RecordingMetrics metrics_;
  uint64_t commits_ = 0;
  std::unique_ptr<storage::RocksLog> log_;
};

// While the ordering thread is held in the answer to a first commit, the others queue up: they are
// one group, whatever the machine does.
class GroupWorkload : public LogWorkload {
 public:
  explicit GroupWorkload(const std::string& folder) : LogWorkload(folder, 1) {}

  void Append(uint64_t appends) override {
    for (uint64_t done = 0; done < appends; done += kGroup) AppendGroup();
  }

 private:
  void AppendGroup() {
    absl::Notification holding;
    absl::Notification queued;
    absl::BlockingCounter stored(kGroup);
    log().Propose(NextCommit(), [&](absl::StatusOr<CommitReceipt> receipt) {
      if (!receipt.ok()) Die(receipt.status().ToString());
      holding.Notify();
      queued.WaitForNotification();
      stored.DecrementCount();
    });
    holding.WaitForNotification();
    for (uint64_t i = 1; i < kGroup; ++i) {
      log().Propose(NextCommit(), [&](absl::StatusOr<CommitReceipt> receipt) {
        if (!receipt.ok()) Die(receipt.status().ToString());
        stored.DecrementCount();
      });
    }
    queued.Notify();
    stored.Wait();
  }
};

}  // namespace

std::unique_ptr<Workload> MakeLogWorkload(const std::string& folder, size_t events) {
  return std::make_unique<LogWorkload>(folder, events);
}

std::unique_ptr<Workload> MakeGroupWorkload(const std::string& folder) {
  return std::make_unique<GroupWorkload>(folder);
}

}  // namespace nexus::cost
