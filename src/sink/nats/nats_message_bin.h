#pragma once

// Messages that are done with. The library frees each on a thread that it wakes for it; together
// they wake it once.
//
// Thread-safe.

#include <nats/nats.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace nexus::sink {

struct DestroyNatsMsg {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using NatsMsgPtr = std::unique_ptr<natsMsg, DestroyNatsMsg>;

class NatsMessageBin {
 public:
  void Put(NatsMsgPtr message) {
    std::vector<NatsMsgPtr> full;
    absl::MutexLock lock(&mutex_);
    messages_.push_back(std::move(message));
    if (messages_.size() >= kMessagesMax) std::swap(full, messages_);
  }
  void Empty() {
    std::vector<NatsMsgPtr> all;
    absl::MutexLock lock(&mutex_);
    std::swap(all, messages_);
  }

 private:
  static constexpr size_t kMessagesMax = 256;

  absl::Mutex mutex_;
  std::vector<NatsMsgPtr> messages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::sink
