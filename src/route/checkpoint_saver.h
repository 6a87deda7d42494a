#pragma once

// Saves one route's checkpoint in batches, and where what was delivered lies: after so many events
// or so much time, and when told.
//
// Thread-safe. Saving happens on the executor. `store` and `executor` must outlive it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/position.h"
#include "nexus/port/checkpoint_store.h"
#include "nexus/port/egress_ledger.h"
#include "nexus/port/executor.h"

namespace nexus::route {

class CheckpointSaver : public std::enable_shared_from_this<CheckpointSaver> {
 public:
  struct Options {
    uint64_t events_max = 1'000;                        // a crash delivers so many again, or
    absl::Duration interval = absl::Milliseconds(500);  // so much time's worth, whichever is less
  };

  // `ledger` may be null: then deliveries are not kept.
  CheckpointSaver(CheckpointStore& store, Executor& executor, std::string reader, Position saved,
                  Options options, EgressLedger* ledger = nullptr);

  // An event was delivered: written down with the next checkpoint.
  void Record(absl::string_view place, const EgressRow& row);

  // The checkpoint has moved to `position`. Never blocks; never goes backwards.
  void Reach(Position position);

  // Saves what was reached, on this thread, after a save under way.
  absl::Status SaveNow();

  // OK, or why the last save failed. It is tried again after the interval.
  absl::Status last_error() const;

 private:
  void Schedule() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  absl::Status Save() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CheckpointStore& store_;
  EgressLedger* const ledger_;
  Executor& executor_;
  const std::string reader_;
  const Options options_;

  mutable absl::Mutex mutex_;
  absl::CondVar saved_one_;
  Position reached_ ABSL_GUARDED_BY(mutex_);
  Position saved_ ABSL_GUARDED_BY(mutex_);
  EgressBatch deliveries_ ABSL_GUARDED_BY(mutex_);  // since then
  bool timer_armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool queued_ ABSL_GUARDED_BY(mutex_) = false;
  bool saving_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::route
