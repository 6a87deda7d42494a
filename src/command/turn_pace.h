#pragma once

// How long a command would wait for its turn at an aggregate that others wait for, and whether that
// is too long. docs/reference/commands.md#how-long-a-command-waits.
//
// A turn lasts from the moment that the aggregate is free for a command until it is free for the
// next one. Values; of one thread at a time. Nothing is allocated but a refusal.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nexus::command {

// What turns take is smoothed twice, and the longer one counts: slowness is seen soon, quickness is
// believed after some more turns. Whoever came when a few turns happened to be quick would wait for
// all of those that are not.
class TurnPace {
 public:
  // Before one was measured: what a turn takes on a common disk.
  static constexpr absl::Duration kGuess = absl::Microseconds(2'500);
  // The weight of the newest turn is one of so many.
  static constexpr int64_t kSoon = 8;
  static constexpr int64_t kLate = 32;
  // What turns took before a pause of more than this says nothing about the next one.
  static constexpr absl::Duration kPause = absl::Seconds(1);

  void Add(absl::Duration took) {
    soon_ += (took - soon_) / kSoon;
    late_ += (took - late_) / kLate;
  }
  absl::Duration each() const { return std::max(soon_, late_); }

 private:
  absl::Duration soon_ = kGuess;
  absl::Duration late_ = kGuess;
};

// Of all aggregates of one kind: what is expected of one that nobody waited for yet. `now`: of
// Clock::Monotonic().
class SharedPace {
 public:
  // One slow turn is the burden of its own aggregate, and hardly that of all others.
  static constexpr absl::Duration kTurnMax = absl::Milliseconds(100);

  void Add(absl::Duration took, absl::Duration now);
  TurnPace At(absl::Duration now) const;

 private:
  TurnPace pace_;
  absl::Duration last_end_ = -absl::InfiniteDuration();
};

// So many may wait whatever is expected of them: one slow turn does not lock all others out, and
// their turns show that it has become quick again.
inline constexpr size_t kWaitersMin = 8;

// Who waits for one aggregate, and who comes.
struct TurnQueue {
  size_t waiting = 0;
  absl::Duration spent = {};      // by who comes, on his way here
  absl::Duration under_way = {};  // since the turn of the command in front of them has begun
  TurnPace pace = {};

  // Of who comes, from his first moment on. Of a turn that takes longer than others do nobody knows
  // when it ends: it may well last as long again.
  absl::Duration ExpectedWait() const;
};

// OVERLOADED, with how much too long it is, if who comes now would wait for longer than `wait_max`.
absl::Status CheckWait(absl::string_view stream, const TurnQueue& queue, absl::Duration wait_max);

}  // namespace nexus::command
