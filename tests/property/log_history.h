#pragma once

// What concurrent clients did to a log and were told, and whether one order explains it all.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/commit.h"

namespace nexus::property {

// One call. `invoked` and `returned` are ticks of one counter shared by all clients.
struct Call {
  Commit commit;
  absl::StatusOr<CommitReceipt> verdict;
  uint64_t invoked = 0;
  uint64_t returned = 0;
};

// Everything that is wrong with `calls`, whose log ended at `head`; empty if nothing is:
// - accepted commits take disjoint ranges of positions that together are 1 .. head;
// - a commit that was answered before another was proposed comes before it;
// - revisions of a stream follow the order of positions without a gap, and recorded times too;
// - accepted expectations held, refused ones did not, at a moment while the call was under way.
std::vector<std::string> FindContradictions(const std::vector<Call>& calls, Position head);

}  // namespace nexus::property
