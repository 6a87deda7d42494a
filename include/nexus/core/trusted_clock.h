#pragma once

// A clock that does not follow a wall clock that leaps ahead: what it says is recorded for ever,
// and recorded times never run backwards.
//
// Thread-safe. A leap of more than an hour beyond what has passed is not believed: time goes on at
// its own pace from the last one that was. Going back is believed; the log keeps its order by
// itself. Only a new process believes a leap.

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"

namespace nexus {

class TrustedClock : public Clock {
 public:
  static constexpr absl::Duration kLeapMax = absl::Hours(1);

  // `clock` must outlive this; what it says now is believed. `on_leap` runs with how far the wall
  // clock is ahead, once for each leap, on the thread that asked for the time.
  explicit TrustedClock(const Clock& clock, std::function<void(absl::Duration)> on_leap = {});

  // Time is not before `known`, the last recorded one: a wall clock that lies behind it may catch
  // up with it.
  void NotBefore(Timestamp known);

  Timestamp Now() const override;
  absl::Duration Monotonic() const override { return clock_.Monotonic(); }

 private:
  const Clock& clock_;
  const std::function<void(absl::Duration)> on_leap_;

  mutable absl::Mutex mutex_;
  // The latest time that was believed, and when that was.
  mutable Timestamp believed_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Duration at_ ABSL_GUARDED_BY(mutex_);
  mutable bool leapt_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus
