#include "sink/rabbitmq/send_watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "concurrency/thread_name.h"

namespace nexus::sink {

SendWatchdog::SendWatchdog(const Clock& clock, absl::Duration limit)
    : clock_(clock), limit_(limit), thread_([this] { Work(); }) {}

SendWatchdog::~SendWatchdog() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  if (fd_ >= 0) ::close(fd_);
}

void SendWatchdog::Watch(int fd) {
  absl::MutexLock lock(&mutex_);
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd >= 0 ? ::fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
  fired_ = false;
}

bool SendWatchdog::fired() {
  absl::MutexLock lock(&mutex_);
  return fired_;
}

void SendWatchdog::Begin() {
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  busy_ = true;
  since_ = now;
}

void SendWatchdog::End() {
  absl::MutexLock lock(&mutex_);
  busy_ = false;
}

void SendWatchdog::Work() {
  concurrency::NameThisThread("sink-watchdog");
  absl::MutexLock lock(&mutex_);
  const auto awake = [this] {
    mutex_.AssertHeld();
    return stopping_ || busy_;
  };
  while (!stopping_) {
    mutex_.Await(absl::Condition(&awake));
    // Looks twice within the limit, however many calls there are.
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), limit_ / 2)) return;
    if (!busy_ || fd_ < 0 || clock_.Monotonic() - since_ < limit_) continue;
    ::shutdown(fd_, SHUT_RDWR);
    fired_ = true;
  }
}

}  // namespace nexus::sink
