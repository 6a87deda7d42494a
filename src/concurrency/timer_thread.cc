#include "concurrency/timer_thread.h"

#include <algorithm>

#include "concurrency/thread_name.h"

namespace nexus::concurrency {
namespace {

// absl::CondVar waits by wall time. Looking at the monotonic clock now and then bounds by how much
// a wall clock that is set back can delay a timer.
constexpr absl::Duration kLongestWait = absl::Seconds(1);

}  // namespace

TimerThread::TimerThread(const Clock& clock, const std::string& name,
                         absl::AnyInvocable<void(Task)> fire)
    : clock_(clock), fire_(std::move(fire)) {
  absl::MutexLock lock(&join_mutex_);
  thread_ = std::thread([this, name] {
    NameThisThread(name);
    Run();
  });
}

TimerThread::~TimerThread() { Stop(); }

TimerThread::TimerId TimerThread::Add(absl::Duration delay, Task task) {
  const absl::Duration deadline = clock_.Monotonic() + std::max(delay, absl::ZeroDuration());
  absl::MutexLock lock(&mutex_);
  const TimerId id = ++last_;
  if (stopped_) return id;
  deadlines_[id] = deadline;
  const auto it = timers_.emplace(Key{deadline, id}, std::move(task)).first;
  if (it == timers_.begin()) changed_.Signal();
  return id;
}

bool TimerThread::Cancel(TimerId timer) {
  Task dropped;  // its captures are destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  const auto found = deadlines_.find(timer);
  if (found == deadlines_.end()) return false;
  const auto it = timers_.find(Key{found->second, timer});
  dropped = std::move(it->second);
  timers_.erase(it);
  deadlines_.erase(found);
  return true;
}

void TimerThread::Stop() {
  std::map<Key, Task> dropped;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    dropped.swap(timers_);
    deadlines_.clear();
    changed_.Signal();
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void TimerThread::Run() {
  while (Task task = NextDue()) fire_(std::move(task));
}

// Waits for the next due task; an empty one means Stop().
TimerThread::Task TimerThread::NextDue() {
  absl::MutexLock lock(&mutex_);
  while (!stopped_) {
    if (timers_.empty()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const auto first = timers_.begin();
    const absl::Duration left = first->first.first - clock_.Monotonic();
    if (left > absl::ZeroDuration()) {
      changed_.WaitWithTimeout(&mutex_, std::min(left, kLongestWait));
      continue;
    }
    Task task = std::move(first->second);
    deadlines_.erase(first->first.second);
    timers_.erase(first);
    // A task without a target would look like Stop().
    return task ? std::move(task) : Task([] {});
  }
  return nullptr;
}

}  // namespace nexus::concurrency
