#pragma once

// Which commits of a group are not worth writing, because nobody would wait for the answer any
// more.
//
// A group that was taken from the queue is answered after its write: what is due before that is
// dropped now, while it is surely not stored. How long a group takes is learnt from those before.
// Not thread-safe: of the ordering thread.

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

#include "absl/time/time.h"
#include "storage/rocksdb/commit_queue.h"

namespace nexus::storage {

class LateCommits {
 public:
  // A group was written and answered, `took` after it was taken.
  void Took(absl::Duration took) {
    const absl::Duration off = took > mean_ ? took - mean_ : mean_ - took;
    deviation_ += (off - deviation_) / 4;
    mean_ += (took - mean_) / 4;
  }
  absl::Duration Expected() const { return mean_ + deviation_; }

  // Moves from `group` to `late` what is due before it could be answered. If all of it would go and
  // no other commit waits, what is not yet due stays: an expectation alone must not stand in the
  // way of learning that it is wrong.
  void Split(absl::Duration now, bool others_wait, std::vector<PendingCommit>& group,
             std::vector<PendingCommit>& late) {
    absl::Duration limit = now + Expected();
    const auto due = [&limit](const PendingCommit& pending) {
      return pending.commit.deadline < limit;
    };
    if (std::none_of(group.begin(), group.end(), due)) return;
    if (std::all_of(group.begin(), group.end(), due)) {
      mean_ -= mean_ / 8;
      deviation_ -= deviation_ / 8;
      if (!others_wait) limit = now;
    }
    const auto first = std::stable_partition(group.begin(), group.end(), std::not_fn(due));
    late.insert(late.end(), std::make_move_iterator(first), std::make_move_iterator(group.end()));
    group.erase(first, group.end());
  }

 private:
  absl::Duration mean_;
  absl::Duration deviation_;
};

}  // namespace nexus::storage
