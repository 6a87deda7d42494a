#pragma once

// Time, and everything that happens in it, on one thread.

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/executor.h"
#include "simulation/chance.h"

namespace nexus::simulation {

// Runs tasks in the order of their times, and of their posting where times are equal.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;
  using TaskId = uint64_t;
  using Owner = uint64_t;

  TaskId Post(Owner owner, absl::Duration delay, Task task) {
    const int64_t micros = absl::ToInt64Microseconds(std::min(delay, absl::Hours(24)));
    const TaskId id = ++last_id_;
    const int64_t at = now_micros_ + std::max<int64_t>(micros, 0);
    tasks_.emplace(std::make_pair(at, id), Entry{owner, std::move(task)});
    times_.emplace(id, at);
    return id;
  }
  bool Cancel(TaskId id) {
    const auto it = times_.find(id);
    if (it == times_.end()) return false;
    tasks_.erase({it->second, id});
    times_.erase(it);
    return true;
  }
  // What belongs to a process goes with it.
  void Drop(Owner owner) {
    std::map<Key, Entry> gone;
    for (auto it = tasks_.begin(); it != tasks_.end();) {
      const auto here = it++;
      if (here->second.owner != owner) continue;
      times_.erase(here->first.second);
      gone.insert(tasks_.extract(here));
    }
  }

  // Runs the next task; false if there is none.
  bool Step() {
    if (tasks_.empty()) return false;
    auto node = tasks_.extract(tasks_.begin());
    times_.erase(node.key().second);
    now_micros_ = node.key().first;
    ++steps_;
    Note(static_cast<uint64_t>(now_micros_));
    Note(node.key().second);
    node.mapped().task();
    return true;
  }

  absl::Duration now() const { return absl::Microseconds(now_micros_); }
  uint64_t steps() const { return steps_; }

  // Everything that was noted, in order: two runs of one seed have the same trace.
  void Note(uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001B3u; }
  uint64_t trace() const { return trace_; }

 private:
  using Key = std::pair<int64_t, TaskId>;
  struct Entry {
    Owner owner = 0;
    Task task;
  };

  std::map<Key, Entry> tasks_;
  std::map<TaskId, int64_t> times_;
  TaskId last_id_ = 0;
  int64_t now_micros_ = 0;
  uint64_t steps_ = 0;
  uint64_t trace_ = 0xCBF29CE484222325u;
};

// The workers of one process. Bounded; in some runs tiny, in some without order.
class SimulatedExecutor : public Executor {
 public:
  SimulatedExecutor(EventLoop& loop, EventLoop::Owner owner, Chance& chance)
      : loop_(loop),
        owner_(owner),
        chance_(chance),
        queue_max_(chance.BuggifyRun("tiny worker queue") ? 2 : 1'000),
        disorder_(chance.BuggifyRun("workers without order")) {}

  bool TrySubmit(Task task) override {
    if (queued_ >= queue_max_) {
      chance_.Reached("a task is refused");
      return false;
    }
    ++queued_;
    const absl::Duration delay = absl::Microseconds(disorder_ ? chance_.Below(40) : 1);
    loop_.Post(owner_, delay, [this, run = std::move(task)]() mutable {
      --queued_;
      run();
    });
    return true;
  }
  TimerId RunAfter(absl::Duration delay, Task task) override {
    return loop_.Post(owner_, delay, std::move(task));
  }
  bool CancelTimer(TimerId timer) override { return loop_.Cancel(timer); }

 private:
  EventLoop& loop_;
  const EventLoop::Owner owner_;
  Chance& chance_;
  const size_t queue_max_;
  const bool disorder_;
  size_t queued_ = 0;
};

// Wall time may jump by a year in either direction; the log's positions must not care.
class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(const EventLoop& loop) : loop_(loop) {}

  Timestamp Now() const override {
    return {1'700'000'000'000'000 + skew_micros_ + absl::ToInt64Microseconds(loop_.now())};
  }
  absl::Duration Monotonic() const override { return loop_.now(); }
  void Jump(absl::Duration by) { skew_micros_ += absl::ToInt64Microseconds(by); }

 private:
  const EventLoop& loop_;
  int64_t skew_micros_ = 0;
};

}  // namespace nexus::simulation
