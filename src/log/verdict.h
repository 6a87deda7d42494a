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

// REVISION_CONFLICT naming all of `failed`.
absl::Status RevisionConflict(std::vector<FailedExpectation> failed);

}  // namespace nexus::log
