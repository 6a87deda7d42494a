#pragma once

#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"

namespace nexus::fake {

// A clock that moves only when told. Thread-safe.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp{1'700'000'000'000'000}) : now_(start) {}

  Timestamp Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  absl::Duration Monotonic() const override {
    absl::MutexLock lock(&mutex_);
    return monotonic_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_.micros += absl::ToInt64Microseconds(by);
    monotonic_ += by;
  }
  // Wall time only; may go backwards.
  void SetNow(Timestamp now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

 private:
  mutable absl::Mutex mutex_;
  Timestamp now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
};

}  // namespace nexus::fake
