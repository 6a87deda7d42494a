#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "command/command_fixture.h"
#include "storage/memory/memory_snapshot_store.h"

namespace nexus::command {

// Commands with snapshots, which are written when the fixture's executor runs.
class SnapshotFixture : public CommandFixture {
 protected:
  SnapshotParts* Snapshots() override { return &parts_; }

  std::vector<SnapshotInfo> Kept() { return store_.List({})->snapshots; }
  // Waits until so many are kept.
  bool Keeps(size_t count) {
    return fake::Eventually([&] {
      Work();
      return Kept().size() == count;
    });
  }
  std::string StateOf(const SnapshotInfo& info) {
    return (*store_.Nearest(info.stream, {.revision = info.revision},
                            [](const SnapshotInfo&) { return true; }))
        ->state;
  }
  absl::StatusOr<SnapshotInfo> MakeSnapshot(const std::string& stream,
                                            absl::Duration deadline = absl::InfiniteDuration()) {
    absl::Notification answered;
    absl::StatusOr<SnapshotInfo> answer;
    runner_->MakeSnapshot(StreamName::Literal(stream), snapshot::SnapshotReason::kRequest, deadline,
                          [&](auto info) {
                            answer = std::move(info);
                            answered.Notify();
                          });
    while (!answered.WaitForNotificationWithTimeout(absl::Milliseconds(1))) Work();
    return answer;
  }
  void Deposit(const std::string& account, int times, int amount = 1) {
    const auto receipt =
        Execute(Command("Deposit", account, absl::StrCat(Amount(amount), ",\"times\":", times)));
    ASSERT_TRUE(receipt.ok()) << receipt.status();
  }
  double Value(const std::string& name) { return metrics_.Value(name); }
  double Ignored(const std::string& why) {
    return Value(absl::StrCat("nexus_snapshots_ignored_total{reason=", why, "}"));
  }
  double Loaded() { return Value("nexus_aggregate_loaded_events_total"); }

  storage::MemorySnapshotStore store_;
  snapshot::SnapshotMetrics counted_{metrics_};
  snapshot::SnapshotFinder finder_{{store_, log_, clock_, counted_}};
  snapshot::SnapshotWriter writer_{{store_, executor_, clock_, counted_}, {}};
  snapshot::FoldDigests digests_{{[this] {
                                    absl::MutexLock lock(&domains_mutex_);
                                    return domains_;
                                  },
                                  [this] { return registry_.GovernanceEpoch(); },
                                  [this](absl::string_view type) {
                                    const auto latest = registry_.Find(type, 0);
                                    return latest == nullptr ? 0 : latest->version;
                                  }}};
  SnapshotParts parts_{finder_, writer_, digests_, clock_, counted_};
};

}  // namespace nexus::command
