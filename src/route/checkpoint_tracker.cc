#include "route/checkpoint_tracker.h"

#include <algorithm>
#include <cassert>

namespace nexus::route {

void CheckpointTracker::Skip(Position position) {
  assert(position == seen_.Next());
  seen_ = position;
}

void CheckpointTracker::Begin(Position position) {
  assert(position == seen_.Next());
  seen_ = position;
  open_.push_back({position});
}

void CheckpointTracker::Done(Position position) {
  const auto it = std::lower_bound(open_.begin(), open_.end(), position,
                                   [](const Open& open, Position p) { return open.position < p; });
  if (it == open_.end() || it->position != position) return;
  it->done = true;
  while (!open_.empty() && open_.front().done) open_.pop_front();
}

}  // namespace nexus::route
