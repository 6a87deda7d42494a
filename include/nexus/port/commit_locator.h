#pragma once

// Where a commit stands, by its id alone: events that nobody gave a correlation id carry the id of
// their commit, and are found by it without a row in any index.
//
// Thread-safe. May read from disk.

#include <optional>

#include "absl/status/statusor.h"
#include "nexus/core/ids.h"
#include "nexus/port/event_index.h"

namespace nexus {

class CommitLocator {
 public:
  virtual ~CommitLocator() = default;

  // The positions of the commit's events; nothing if no commit up to the head has this id.
  virtual absl::StatusOr<std::optional<PositionRange>> LocateCommit(const CommitId& id) = 0;
};

}  // namespace nexus
