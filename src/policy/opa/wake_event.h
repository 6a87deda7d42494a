#pragma once

// Interrupts a thread that waits in poll(). Signal() is thread-safe and cheap when repeated: only
// the first signal since the last Clear() costs a system call.

#include <atomic>

#include "policy/opa/file_descriptor.h"

namespace nexus::policy {

class WakeEvent {
 public:
  WakeEvent();

  // Readable once signalled.
  int fd() const { return fd_.get(); }
  void Signal();
  // Call before looking at what was signalled, so that no signal is lost.
  void Clear();

 private:
  const FileDescriptor fd_;
  std::atomic<bool> signalled_{false};
};

}  // namespace nexus::policy
