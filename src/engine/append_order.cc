#include "engine/append_order.h"

#include <utility>

namespace nexus::engine {

AppendOrder::Ticket AppendOrder::Take() {
  absl::MutexLock lock(&mutex_);
  return ++last_;
}

void AppendOrder::Release(Ticket ticket, absl::AnyInvocable<void()> step) {
  {
    absl::MutexLock lock(&mutex_);
    waiting_.emplace(ticket, std::move(step));
    if (running_) return;  // whoever runs takes this one along in its turn
    running_ = true;
  }
  while (true) {
    absl::AnyInvocable<void()> due;
    {
      absl::MutexLock lock(&mutex_);
      const auto first = waiting_.begin();
      if (first == waiting_.end() || first->first != next_) {
        running_ = false;
        return;
      }
      due = std::move(first->second);
      waiting_.erase(first);
      ++next_;
    }
    due();
  }
}

}  // namespace nexus::engine
