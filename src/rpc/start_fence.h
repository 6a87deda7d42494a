#pragma once

// Keeps a reactor from starting an operation after it finished the call.
//
// Start calls come from workers, the end may come from a cancellation at the same moment, and gRPC
// may run a reaction inside a Start call, so a plain mutex around both would deadlock. The fence
// counts Start calls under way; the end waits for them without blocking: whoever leaves last
// finishes.

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace nexus::rpc {

class StartFence {
 public:
  // False once the call is ending: start nothing.
  [[nodiscard]] bool Enter() {
    absl::MutexLock lock(&mutex_);
    if (ending_) return false;
    ++inside_;
    return true;
  }

  // True: the call ended meanwhile and the caller must finish it now, with status().
  [[nodiscard]] bool Leave() {
    absl::MutexLock lock(&mutex_);
    --inside_;
    return ending_ && inside_ == 0;
  }

  // Ends the call; the first status counts. True: the caller must finish it now, with status().
  [[nodiscard]] bool End(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (ending_) return false;
    ending_ = true;
    status_ = status;
    return inside_ == 0;
  }

  bool ending() const {
    absl::MutexLock lock(&mutex_);
    return ending_;
  }
  absl::Status status() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  mutable absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::rpc
