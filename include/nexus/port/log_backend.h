#pragma once

// The seam between governance and durability: propose -> order -> apply.
//
// A backend puts proposed commits into one order and applies each: checks its expectations, assigns
// revisions and positions, makes it durable, answers. Applying is deterministic: it sees the commit
// and the state, no clock, no randomness, no configuration.
//
// Thread-safe. Implementations: storage/rocksdb (durable), storage/memory (tests, embedding).

#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/core/commit.h"
#include "nexus/core/position.h"

namespace nexus {

class LogBackend {
 public:
  using CommitDone = absl::AnyInvocable<void(absl::StatusOr<CommitReceipt>)>;
  using HeadListener = absl::AnyInvocable<void(Position)>;

  virtual ~LogBackend() = default;

  // Returns at once. `done` runs exactly once, on a thread of the backend, after the outcome is
  // known and durable; it must not block and must not call Propose() recursively without bound.
  // A commit whose id is already stored gets its first receipt again with `repeated` set, whatever
  // its expectations and conditions say now. So does one whose event ids are exactly those of one
  // stored commit, in its order and with its content (SameContent), whatever its own commit id,
  // which is not stored then. Everything else that stands against a commit is listed in one
  // refusal, whose reason is the first of these that applies. Errors:
  //   EVENT_ID_TAKEN     kAlreadyExists; event ids that their streams have already. It goes before
  //                      the two below: a writer whose own first try was stored must learn that,
  //                      and not that somebody else was first.
  //   REVISION_CONFLICT  kAborted; expectations that do not hold. Nothing was written.
  //   APPEND_CONDITION_FAILED  kAborted; append conditions that do not hold.
  //   ID_REUSED          another content is stored under this commit id. Nothing was written.
  //   DISK_FULL, DRAINING, OVERLOADED, NOT_READY   nothing was written. OVERLOADED too for what has
  //                      waited until its deadline could not be met any more.
  //   OUTCOME_UNKNOWN    the write failed: it may or may not be there. Retry with the same id.
  virtual void Propose(Commit commit, CommitDone done) = 0;

  // The receipt of an accepted commit with this id and content, or else with these event ids and
  // content; nothing if there is none. ID_REUSED if the content stored under the id differs.
  // Compares what the client wrote (SameContent), not what the server added. May read from disk.
  virtual absl::StatusOr<std::optional<CommitReceipt>> FindCommit(const Commit& candidate) = 0;

  // `listener` runs after each group of commits became durable and readable, with the new head; it
  // must not block. One listener; set before the first proposal.
  virtual void SetHeadListener(HeadListener listener) = 0;

  // OK while appends are accepted; else why not (disk full, failed write, draining).
  virtual absl::Status Health() = 0;

  // Refuses new proposals with DRAINING, waits until those under way are answered.
  virtual void Drain() = 0;
};

}  // namespace nexus
