#pragma once

// Looks at the disk once a second, and stops the process while it can still stop in order.
//
// Thread-safe.

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/executor.h"
#include "storage/rocksdb/rocks_log.h"

namespace nexus::app {

class DiskWatch {
 public:
  using Look = std::function<storage::RocksLog::DiskCare()>;
  // At most once, on the executor.
  using StopProcess = std::function<void(absl::string_view why)>;

  // `executor` must outlive this.
  DiskWatch(Look look, Executor& executor, StopProcess stop_process)
      : look_(std::move(look)), executor_(executor), stop_process_(std::move(stop_process)) {}
  // Stop().
  ~DiskWatch() { Stop(); }

  void Start();
  // Waits for the look under way.
  void Stop();

 private:
  void Schedule() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tick();
  // Why the process has to stop; empty: it does not.
  absl::string_view Judge(const storage::RocksLog::DiskCare& care);

  const Look look_;
  Executor& executor_;
  const StopProcess stop_process_;

  absl::Mutex mutex_;
  absl::CondVar idle_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = true;
  bool looking_ ABSL_GUARDED_BY(mutex_) = false;
  Executor::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;

  // A start on an exhausted disk is possible, to read and to see; what stops is running into it.
  bool had_room_ = false;  // only the look under way uses it
};

}  // namespace nexus::app
