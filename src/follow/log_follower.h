#pragma once

// LogFollower: one cursor over the log that never skips, repeats or reorders an event.
//
// History first, then live, without a seam: the cursor is a number, and the only thing that tells
// whether more lies ahead is the head that the log published. It holds one page at most, and only
// while it hands it over. Subscriptions, the router, projections and indexes all stand on it.
//
// Pull: Next() asks for one step and is answered once. Next() and Stop() may come from any thread,
// but at most one Next() is under way. `reader`, `signal` and `executor` must outlive it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "follow/head_signal.h"
#include "follow/page_share.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"

namespace nexus::follow {

// A part of the whole log of which somebody chose events.
struct ChosenPage {
  EventBatch batch;  // maybe without events
  uint64_t passed;   // everything up to this position was looked at
};

// Gives the chosen events from position `next` on, which lies within the log. It must come further
// with every page.
using PageSource = std::function<absl::StatusOr<ChosenPage>(Position next, PageLimits limits)>;

// What to follow, and from where.
struct FollowOptions {
  std::optional<StreamName> stream;  // nothing: the whole log
  uint64_t next = 1;                 // first position, or revision of `stream`, to deliver
  PageLimits limits = {};
  PageSource source = nullptr;  // of the whole log; nothing: every event
  // Of the whole log without a source: where pages come from that others read, too. Shared, because
  // a read under way may outlive whoever made both.
  std::shared_ptr<PageShare> share = nullptr;

  static FollowOptions WholeLogAfter(Position after) {
    return {.stream = std::nullopt, .next = after.value + 1};
  }
  static FollowOptions StreamFrom(StreamName name, Revision from) {
    return {.stream = std::move(name), .next = from.value};
  }
};

struct FollowStep {
  // At least one event, unless they were chosen. Null: `timeout` passed and nothing lies ahead.
  std::shared_ptr<const EventBatch> batch = nullptr;
  // Last durable position known at this step.
  Position head = {};
  // With a batch: the last position (or revision) that it stands for.
  uint64_t passed = 0;
  // The batch reaches the end of the log as it was when the step was asked for. A shared one that
  // was read before may say `end` of an earlier time.
  bool at_end = false;
  bool shared = false;  // other followers may get the same batch
};

class LogFollower {
 public:
  using NextDone = absl::AnyInvocable<void(absl::StatusOr<FollowStep>)>;

  LogFollower(EventReader& reader, HeadSignal& signal, Executor& executor, FollowOptions options);
  ~LogFollower();  // Stop()
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  // Calls `done` once on the executor: with the next page as soon as there is one, or with a step
  // without a page after `timeout` (zero: only looks; infinite: never). An error (DATA_LOSS for a
  // hole, after a second look, or whatever the reader says) leaves the cursor where it was: Next()
  // may be called again. `done` may call Next(), Cancel() and Stop() and destroy the follower.
  // After Cancel() or Stop() it does nothing.
  void Next(absl::Duration timeout, NextDone done);

  // No `done` begins after this returns; one that has begun may still run. Never blocks.
  void Cancel();

  // Cancel(), and waits for a read or a `done` that is under way on another thread: after it
  // nothing of this follower runs. Called from inside `done`, it does not wait.
  void Stop();

 private:
  class Core;

  const std::shared_ptr<Core> core_;
};

}  // namespace nexus::follow
