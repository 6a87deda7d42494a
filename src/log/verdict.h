#pragma once

// The answers that a commit can get besides a new receipt.

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/core/commit.h"

namespace nexus::log {

// For a commit whose id is taken by `stored`: the first receipt again with `repeated` set, or
// ID_REUSED if the two do not say the same.
absl::StatusOr<std::optional<CommitReceipt>> RepeatReceipt(const Commit& candidate,
                                                           const Commit& stored,
                                                           const CommitReceipt& first);

// Everything that stands against a commit.
struct Objections {
  std::vector<TakenEventId> taken_ids = {};
  std::vector<FailedExpectation> expectations = {};
  std::vector<FailedCondition> conditions = {};

  bool empty() const { return taken_ids.empty() && expectations.empty() && conditions.empty(); }
};

// The refusal that lists all of `objections`, of which there is one at least. EVENT_ID_TAKEN goes
// before REVISION_CONFLICT, and that before APPEND_CONDITION_FAILED: whoever sends an event again
// among others must learn that it is stored. That its own event also broke an expectation would
// read as if another writer had been first.
absl::Status Refusal(Objections objections);

}  // namespace nexus::log
