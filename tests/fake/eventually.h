#pragma once

#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace nexus::fake {

// Whether `condition` comes true within `timeout`: for what tells nobody when it changes. Looks now
// and then, without keeping a core busy.
inline bool Eventually(absl::FunctionRef<bool()> condition,
                       absl::Duration timeout = absl::Seconds(60)) {
  const absl::Time deadline = absl::Now() + timeout;
  absl::Mutex mutex;
  bool never = false;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&never), absl::Milliseconds(2));
  }
  return true;
}

}  // namespace nexus::fake
