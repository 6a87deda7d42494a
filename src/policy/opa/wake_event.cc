#include "policy/opa/wake_event.h"

#include <sys/eventfd.h>

#include <cassert>
#include <cstdint>

namespace nexus::policy {

WakeEvent::WakeEvent() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void WakeEvent::Signal() {
  if (signalled_.exchange(true)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof(one));
  assert(written == sizeof(one));
}

void WakeEvent::Clear() {
  if (!signalled_.load()) return;
  uint64_t count = 0;
  // May find nothing: a Signal() that has set the flag has not written yet. It will, and that
  // wakes the thread once more, for nothing.
  [[maybe_unused]] const ssize_t got = ::read(fd_.get(), &count, sizeof(count));
  signalled_.store(false);
}

}  // namespace nexus::policy
