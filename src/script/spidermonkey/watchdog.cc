#include "script/spidermonkey/watchdog.h"

#include <algorithm>
#include <utility>

#include "concurrency/thread_name.h"

namespace nexus::script {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(5);
constexpr int kTicksUntilSleep = 200;
constexpr unsigned kLooksBetween = 4;

}  // namespace

Watchdog::Watch::~Watch() { dog_.Remove(this); }

void Watchdog::Watch::Arm(absl::Duration time_max) {
  deadline_ns_.store(dog_.NowNs() + std::max<int64_t>(0, absl::ToInt64Nanoseconds(time_max)));
  // Sequentially consistent on both sides: either this sees the dog asleep, or the dog, which looks
  // once more after lying down, sees the deadline.
  if (dog_.asleep_.load()) dog_.WakeUp();
}

bool Watchdog::Watch::Expired() const {
  const int64_t deadline = deadline_ns_.load(std::memory_order_acquire);
  return deadline != 0 && dog_.NowNs() >= deadline;
}

Watchdog::Watchdog(const Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    changed_.Signal();
  }
  thread_.join();
}

std::unique_ptr<Watchdog::Watch> Watchdog::Add(std::function<void()> interrupt, Calls calls) {
  std::unique_ptr<Watch> watch(new Watch(*this, std::move(interrupt), calls));
  absl::MutexLock lock(&mutex_);
  watches_.push_back(watch.get());
  return watch;
}

void Watchdog::Remove(const Watch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.erase(std::remove(watches_.begin(), watches_.end(), watch), watches_.end());
}

void Watchdog::WakeUp() {
  absl::MutexLock lock(&mutex_);
  asleep_.store(false);
  changed_.Signal();
}

bool Watchdog::Look() {
  bool armed = false;
  const int64_t now = NowNs();
  const bool now_and_then = ++looks_ % kLooksBetween == 0;
  for (const Watch* watch : watches_) {
    const int64_t deadline = watch->deadline_ns_.load();
    armed = armed || deadline != 0;
    const bool due = now >= deadline || (now_and_then && watch->calls_ == Calls::kNowAndThen);
    if (deadline != 0 && due) watch->interrupt_();
  }
  return armed;
}

void Watchdog::Run() {
  concurrency::NameThisThread("script-watchdog");
  absl::MutexLock lock(&mutex_);
  int quiet_ticks = 0;
  while (!stopped_) {
    quiet_ticks = Look() ? 0 : quiet_ticks + 1;
    if (quiet_ticks < kTicksUntilSleep) {
      changed_.WaitWithTimeout(&mutex_, kTick);
      continue;
    }
    asleep_.store(true);
    if (!Look()) {
      while (!stopped_ && asleep_.load()) changed_.Wait(&mutex_);
    }
    asleep_.store(false);
    quiet_ticks = 0;
  }
}

}  // namespace nexus::script
