#pragma once

// Ends a connection whose thread is stuck in a call of the client library: the library waits for
// ever for a broker that takes no more bytes and still sends heartbeats. Shutting the socket down
// makes the call fail.
//
// Thread-safe. A thread of its own, which sleeps while nobody is busy.

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"

namespace nexus::sink {

class SendWatchdog {
 public:
  // `clock` must outlive it.
  SendWatchdog(const Clock& clock, absl::Duration limit);
  ~SendWatchdog();

  // The connection from now on, by a duplicate of its own: the library may close `fd` at any time,
  // and its number may come to stand for something else. -1: none.
  void Watch(int fd);

  // Whether the connection that is watched was ended here.
  bool fired();

  // While it lives, the thread that made it is in a call that may not return.
  class Busy {
   public:
    explicit Busy(SendWatchdog& watchdog) : watchdog_(watchdog) { watchdog_.Begin(); }
    ~Busy() { watchdog_.End(); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    SendWatchdog& watchdog_;
  };

 private:
  void Begin();
  void End();
  void Work();

  const Clock& clock_;
  const absl::Duration limit_;

  absl::Mutex mutex_;
  int fd_ ABSL_GUARDED_BY(mutex_) = -1;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool fired_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration since_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::sink
