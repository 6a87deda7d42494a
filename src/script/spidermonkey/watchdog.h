#pragma once

// Interrupts what runs beyond its deadline. One thread for all; it looks every few milliseconds
// while something runs, and sleeps when nothing has for a second, so that arming costs two atomic
// accesses and an idle server nothing.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"

namespace nexus::script {

// Thread-safe.
class Watchdog {
 public:
  // When a watch that is armed is interrupted: once its deadline has come, or every 20 ms as well,
  // for runs that are asked about more than their time. Not more often: a match of a regular
  // expression that is interrupted begins anew, and the engine gives it up after four times.
  enum class Calls { kWhenExpired, kNowAndThen };

  // What one thread runs. Arm(), Disarm() and Expired() are for that thread alone.
  class Watch {
   public:
    ~Watch();
    void Arm(absl::Duration time_max);
    void Disarm() { deadline_ns_.store(0, std::memory_order_release); }
    // Armed, and the deadline has come. An interruption may come late, when the next run has begun:
    // who is interrupted asks.
    bool Expired() const;

   private:
    friend class Watchdog;
    Watch(Watchdog& dog, std::function<void()> interrupt, Calls calls)
        : dog_(dog), interrupt_(std::move(interrupt)), calls_(calls) {}

    Watchdog& dog_;
    const std::function<void()> interrupt_;
    const Calls calls_;
    std::atomic<int64_t> deadline_ns_{0};  // 0: not armed
  };

  // `clock` must outlive it, and its Monotonic() run at the pace of real time.
  explicit Watchdog(const Clock& clock);
  ~Watchdog();

  // `interrupt` is called on the watchdog's thread, once or more often; it must not block. The
  // watch must not outlive the watchdog.
  std::unique_ptr<Watch> Add(std::function<void()> interrupt, Calls calls = Calls::kWhenExpired)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing has run for so long that the thread waits to be woken.
  bool asleep() const { return asleep_.load(); }

 private:
  int64_t NowNs() const { return absl::ToInt64Nanoseconds(clock_.Monotonic()) + 1; }
  void Remove(const Watch* watch) ABSL_LOCKS_EXCLUDED(mutex_);
  void WakeUp() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // True if something is armed.
  bool Look() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  std::atomic<bool> asleep_{false};

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::vector<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  unsigned looks_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace nexus::script
