#pragma once

// The checkpoint rule: the checkpoint is the highest position P such that every event up to P is
// delivered, dead-lettered or not meant for the sink.
//
// It is never derived from "nothing is outstanding". Not thread-safe.

#include <cstddef>
#include <deque>

#include "nexus/core/position.h"

namespace nexus::route {

class CheckpointTracker {
 public:
  // Everything up to `start` is done with.
  explicit CheckpointTracker(Position start) : seen_(start) {}

  // The event at `position` is not meant for the sink. Positions of Skip() and Begin() rise by one.
  void Skip(Position position);
  // The event at `position` must be done with before the checkpoint may pass it.
  void Begin(Position position);
  // It is, in any order. Positions that were not begun, or are done already, are ignored.
  void Done(Position position);

  Position checkpoint() const {
    return open_.empty() ? seen_ : Position(open_.front().position.value - 1);
  }
  // The last position that was seen.
  Position seen() const { return seen_; }

 private:
  struct Open {
    Position position;
    bool done = false;
  };

  Position seen_;
  std::deque<Open> open_;  // rising; the first is never done
};

}  // namespace nexus::route
