#pragma once

// How much a group may hold, so that it is on disk soon however slow the disk is.
//
// A commit that comes while a group is being written waits for that group and for its own. On a
// disk that takes a second for a megabyte, all that waits at once would be one group that lasts
// longer than anybody waits for it; parts of it are written as fast, and answered one after the
// other. The longest that a group should take is long against a sync: what its parts cost more is a
// tenth where a sync takes 5 ms, and nothing on a disk that is quick.
//
// Not thread-safe: of the ordering thread.

#include <algorithm>
#include <cstddef>

#include "absl/time/time.h"

namespace nexus::storage {

class GroupPace {
 public:
  // A group of `bytes` was written and answered, `took` after it was taken.
  void Took(absl::Duration took, size_t bytes) {
    const double sample =
        absl::ToDoubleSeconds(took) / static_cast<double>(std::max<size_t>(bytes, 1));
    seconds_per_byte_ += (sample - seconds_per_byte_) / 4;
  }

  // What the next one may hold, at most `most`.
  size_t BytesMax(size_t most) const {
    if (seconds_per_byte_ <= 0) return most;
    const double fits = kGroupSeconds / seconds_per_byte_;
    if (fits >= static_cast<double>(most)) return most;
    return std::min(most, std::max(static_cast<size_t>(fits), kLeast));
  }

 private:
  static constexpr double kGroupSeconds = 0.05;
  // One bad moment must not cost many syncs.
  static constexpr size_t kLeast = 16 << 10;

  // Of the last groups, their syncs included; what was earlier counts less and less.
  double seconds_per_byte_ = 0;
};

}  // namespace nexus::storage
