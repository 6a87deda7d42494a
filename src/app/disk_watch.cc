#include "app/disk_watch.h"

namespace nexus::app {
namespace {

constexpr absl::Duration kDiskLookEvery = absl::Seconds(1);

}  // namespace

void DiskWatch::Start() {
  absl::MutexLock lock(&mutex_);
  stopped_ = false;
  Schedule();
}

void DiskWatch::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  executor_.CancelTimer(timer_);
  while (looking_) idle_.Wait(&mutex_);
}

void DiskWatch::Schedule() {
  timer_ = executor_.RunAfter(kDiskLookEvery, [this] { Tick(); });
}

void DiskWatch::Tick() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    looking_ = true;
  }
  const absl::string_view why = Judge(look_());
  if (!why.empty()) stop_process_(why);
  absl::MutexLock lock(&mutex_);
  looking_ = false;
  stopped_ = stopped_ || !why.empty();
  if (!stopped_) Schedule();
  idle_.SignalAll();
}

absl::string_view DiskWatch::Judge(const storage::RocksLog::DiskCare& care) {
  if (care.restart) return "there is disk space again, and the log has to open anew to use it";
  if (care.report.state != storage::DiskState::kExhausted) {
    had_room_ = true;
    return "";
  }
  return had_room_ ? "the disk is full: free space and start again" : "";
}

}  // namespace nexus::app
