#pragma once

// Waiting for RocksDB to take writes again.
//
// Thread-safe.

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace nexus::storage {

class WriteStall {
 public:
  // Something changed that may let writes through.
  void Changed() {
    absl::MutexLock lock(&mutex_);
    ++changes_;
    changed_.SignalAll();
  }

  // Returns after the next change, or after `at_most`: a delay (as opposed to a stop) ends by the
  // passing of time alone, which nobody announces.
  void Wait(absl::Duration at_most) {
    absl::MutexLock lock(&mutex_);
    const uint64_t seen = changes_;
    while (changes_ == seen) {
      if (changed_.WaitWithTimeout(&mutex_, at_most)) return;
    }
  }

 private:
  absl::Mutex mutex_;
  absl::CondVar changed_;
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::storage
