#pragma once

// Messages of one subscription, from the library's thread to the one that reads. (The library's own
// way to read in turn hides that nobody listens, and to which message.)
//
// What a filter takes is dealt with on the library's thread, which saves a hop.
//
// Thread-safe. Closed when the library will bring no more.

#include <nats/nats.h>

#include <deque>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "sink/nats/nats_message_bin.h"

namespace nexus::sink {

class NatsMailbox {
 public:
  // Takes the message if it deals with it. Runs under the mutex: it must not come back here.
  using Filter = std::function<void(NatsMsgPtr&)>;
  void SetFilter(Filter filter) {
    absl::MutexLock lock(&mutex_);
    filter_ = std::move(filter);
  }

  // Null if none comes within `wait`, or at once if it is closed and empty.
  NatsMsgPtr Take(absl::Duration wait) {
    absl::MutexLock lock(&mutex_);
    const auto awake = [this] {
      mutex_.AssertHeld();
      return closed_ || !messages_.empty();
    };
    mutex_.AwaitWithTimeout(absl::Condition(&awake), wait);
    if (messages_.empty()) return nullptr;
    NatsMsgPtr message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }
  bool AwaitClosed(absl::Duration wait) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&closed_), wait);
  }

  // For the library.
  static void OnMessage(natsConnection*, natsSubscription*, natsMsg* message, void* self) {
    auto* mailbox = static_cast<NatsMailbox*>(self);
    NatsMsgPtr owned(message);
    absl::MutexLock lock(&mailbox->mutex_);
    if (mailbox->filter_) mailbox->filter_(owned);
    if (owned != nullptr) mailbox->messages_.push_back(std::move(owned));
  }
  static void OnComplete(void* self) {
    auto* mailbox = static_cast<NatsMailbox*>(self);
    absl::MutexLock lock(&mailbox->mutex_);
    mailbox->closed_ = true;
  }

 private:
  absl::Mutex mutex_;
  Filter filter_ ABSL_GUARDED_BY(mutex_);
  std::deque<NatsMsgPtr> messages_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::sink
