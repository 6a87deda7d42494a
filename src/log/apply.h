#pragma once

// apply: from a group of proposed commits in order, and the state before them, to what happens.
//
// Deterministic: the same state and the same group give the same result on every machine. No clock
// (a commit brings the time its proposer saw), no randomness, no configuration. A proposed time is
// believed even if it lies far ahead; distrust of a clock that jumped belongs to the proposer.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "log/commit_traits.h"
#include "log/group_streams.h"
#include "log/log_state.h"
#include "nexus/core/commit.h"

namespace nexus::log {

// A commit whose texts are kept elsewhere: only a repeat is compared with them.
class WholeCommit {
 public:
  virtual ~WholeCommit() = default;

  virtual absl::StatusOr<Commit> Load() const = 0;
};

struct Candidate {
  const Commit* commit = nullptr;
  const CommitTraits* traits = nullptr;  // of the same commit
  // Where `commit` has no more than ids, streams, expectations and conditions; nullptr: it has all.
  const WholeCommit* whole = nullptr;
};

struct AcceptedCommit {
  size_t index = 0;  // into the group; its verdict holds the receipt
  // For each of the commit's streams, the position of that stream's first event ever (0 where the
  // commit only checks the stream).
  std::vector<Position> stream_numbers;
};

// An event that is found by a row of its own: the ids of its stream had ceased to ascend.
struct EventIdRow {
  Position stream_number;
  EventId id;
  Revision revision;
};

struct AppliedGroup {
  std::vector<absl::StatusOr<CommitReceipt>> verdicts;  // one a commit, in the order of the group
  std::vector<AcceptedCommit> accepted;                 // in order; what has to be stored
  std::vector<EventIdRow> id_rows;                      // of the accepted commits
  std::vector<MovedStream> moved;                       // each stream once
  LogTip tip;                                           // after the group
};

// Decides each commit as if the ones before it in `group` were already stored:
// - a known commit id repeats the first receipt, or is ID_REUSED if the content differs;
// - event ids that are exactly those of one stored commit, with its content, repeat its receipt,
//   whatever expectations and conditions say;
// - else everything that stands against it is listed in one refusal: event ids that are taken,
//   expectations and append conditions that fail (log/verdict.h says which gives the reason);
// - else it takes the next positions and revisions; recorded time = max(last, proposed).
// A failing look-up is that commit's verdict and changes nothing.
AppliedGroup Apply(const LogTip& tip, LogState& state, absl::Span<const Candidate> group);

}  // namespace nexus::log
