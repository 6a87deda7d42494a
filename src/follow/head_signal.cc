#include "follow/head_signal.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "follow/submit_soon.h"

namespace nexus::follow {

class HeadSignal::State {
 public:
  explicit State(Position head) : head_(head) {}

  // True if somebody is to be woken and nobody is on the way to do so.
  bool Publish(Position head) {
    absl::MutexLock lock(&mutex_);
    if (head <= head_) return false;
    head_ = head;
    if (waiters_.empty() || waking_) return false;
    waking_ = true;
    return true;
  }

  Position head() const {
    absl::MutexLock lock(&mutex_);
    return head_;
  }

  std::optional<WaitId> Add(Position seen, Wake wake) {
    absl::MutexLock lock(&mutex_);
    if (head_ > seen) return std::nullopt;
    const WaitId id = ++last_id_;
    waiters_.emplace(id, Waiter{seen, std::move(wake)});
    return id;
  }

  void Remove(WaitId id) {
    Waiter gone;  // what the waiter holds on to is let go of outside the lock
    absl::MutexLock lock(&mutex_);
    const auto it = waiters_.find(id);
    if (it == waiters_.end()) return;
    gone = std::move(it->second);
    waiters_.erase(it);
  }

  void WakeDue() {
    for (Wake& wake : TakeDue()) wake();
  }

  size_t waiting() const {
    absl::MutexLock lock(&mutex_);
    return waiters_.size();
  }

 private:
  struct Waiter {
    Position seen;
    Wake wake;
  };

  std::vector<Wake> TakeDue() {
    std::vector<Wake> due;
    absl::MutexLock lock(&mutex_);
    waking_ = false;
    for (auto it = waiters_.begin(); it != waiters_.end();) {
      const auto here = it++;
      if (here->second.seen >= head_) continue;
      due.push_back(std::move(here->second.wake));
      waiters_.erase(here);
    }
    return due;
  }

  mutable absl::Mutex mutex_;
  Position head_ ABSL_GUARDED_BY(mutex_);
  // Ordered: who waited first is woken first, in every run alike.
  std::map<WaitId, Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
  WaitId last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool waking_ ABSL_GUARDED_BY(mutex_) = false;  // a task that wakes is queued
};

HeadSignal::HeadSignal(Executor& executor, Position head)
    : executor_(executor), state_(std::make_shared<State>(head)) {}

HeadSignal::~HeadSignal() = default;

void HeadSignal::Publish(Position head) {
  if (!state_->Publish(head)) return;
  SubmitSoon(executor_, [state = state_] { state->WakeDue(); });
}

Position HeadSignal::head() const { return state_->head(); }

std::optional<HeadSignal::WaitId> HeadSignal::WaitBeyond(Position seen, Wake wake) {
  return state_->Add(seen, std::move(wake));
}

void HeadSignal::Cancel(WaitId wait) { state_->Remove(wait); }

size_t HeadSignal::waiting() const { return state_->waiting(); }

}  // namespace nexus::follow
