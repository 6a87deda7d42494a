#pragma once

// Reads the whole log again every few days, slowly, so that damage is found while a backup still
// has what is lost.
//
// Thread-safe. One step at a time runs on the executor; how far it is survives a restart.

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/rocksdb/scrub_state.h"

namespace nexus::storage {

class Scrubber {
 public:
  struct Options {
    absl::Duration interval = absl::Hours(7 * 24);  // from the end of a walk to the next one
    uint64_t bytes_per_second = 16 << 20;
    // Each thing that is wrong, on the executor.
    std::function<void(const std::string&)> on_finding = {};
  };

  struct Status {
    bool running = false;
    Position position;    // of the walk under way
    uint64_t errors = 0;  // of the walk under way, or of the last one
    Timestamp finished;   // 0: never
  };

  // The references must outlive this.
  Scrubber(RocksLog& log, RocksCheckpointStore& store, Executor& executor, const Clock& clock,
           MetricsRegistry& metrics, Options options);
  // Stop().
  ~Scrubber();

  // Goes on with the walk that the last process left, or waits for the next one to be due.
  void Start();
  // Waits for the step under way.
  void Stop();

  Status GetStatus() const;

 private:
  void Schedule(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunStep();
  // How long to wait after it.
  absl::Duration DoStep();
  absl::Duration UntilDue(const ScrubState& state) const;
  void Tell(const VerifyProgress& progress);
  void Save(const ScrubState& state);

  RocksLog& log_;
  RocksCheckpointStore& store_;
  Executor& executor_;
  const Clock& clock_;
  const Options options_;
  Counter& errors_;
  Counter& passes_;
  Gauge& position_;

  mutable absl::Mutex mutex_;
  absl::CondVar idle_;
  ScrubState state_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = true;
  bool in_step_ ABSL_GUARDED_BY(mutex_) = false;
  Executor::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;

  // Of the step under way.
  std::unique_ptr<LogAudit> walk_;
  size_t told_ = 0;  // findings
  uint64_t errors_told_ = 0;
};

}  // namespace nexus::storage
