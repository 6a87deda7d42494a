#pragma once

// The commit: the unit that is ordered and stored, all of it or nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "nexus/core/event.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"

namespace nexus {

// What a writer believes about a stream at the moment of its commit.
struct ExpectedRevision {
  enum class Kind : uint8_t { kAny = 0, kNoStream = 1, kStreamExists = 2, kExact = 3 };

  Kind kind = Kind::kAny;
  Revision exact;  // used by kExact only

  static ExpectedRevision Any() { return {}; }
  static ExpectedRevision NoStream() { return {Kind::kNoStream, {}}; }
  static ExpectedRevision StreamExists() { return {Kind::kStreamExists, {}}; }
  static ExpectedRevision Exactly(uint64_t revision) { return {Kind::kExact, Revision(revision)}; }

  // Whether a stream whose last revision is `last` (nothing: it does not exist) meets this.
  bool Holds(std::optional<Revision> last) const;
  std::string ToString() const;  // "any", "no_stream", "stream_exists", "7"

  friend bool operator==(const ExpectedRevision&, const ExpectedRevision&) = default;
};

// A stream named by a commit. One without an event of its own is a check only.
struct CommitStream {
  StreamName name;
  ExpectedRevision expected;

  friend bool operator==(const CommitStream&, const CommitStream&) = default;
};

struct CommitEvent {
  uint32_t stream_index = 0;  // into Commit::streams
  Event event;

  friend bool operator==(const CommitEvent&, const CommitEvent&) = default;
};

// The commit is refused if an event that matches stands after `after`: nothing that the writer's
// decision rests on has happened since it looked (a dynamic consistency boundary).
struct AppendCondition {
  // Every item names a type, a tag, a category or a correlation id, or is empty: what an index can
  // answer.
  EventFilter fail_if_match = {};
  Position after = {};  // 0: anywhere in the log

  // What was found before the commit was proposed; not part of what the client says. Everything
  // up to `checked` was looked at, at or beyond `after`; `found` is the first match in it.
  Position checked = {};
  std::optional<Position> found = {};

  friend bool operator==(const AppendCondition&, const AppendCondition&) = default;
};

// Invariants (checked by the engine before a proposal): at least one event, every stream named
// once, every stream_index in range, event ids distinct within the commit, `id` not nil.
struct Commit {
  uint32_t tenant = 0;
  CommitId id;
  AdmissionStamp stamp;
  std::vector<CommitStream> streams;
  std::vector<CommitEvent> events;  // in order; streams may interleave
  // All must hold at the commit's place in the log. Not stored.
  std::vector<AppendCondition> conditions = {};
  // The time the proposer saw. The log records max(its last time, this), so that apply() needs no
  // clock and times never run backwards.
  Timestamp proposed;
  // Point of Clock::Monotonic() after which nobody waits for the answer: until it is being written
  // it may be dropped. Not stored.
  absl::Duration deadline = absl::InfiniteDuration();
};

// What became of one stream in a commit.
struct StreamOutcome {
  StreamName stream;
  Revision first;  // of this commit's events in the stream; meaningless where `events` is 0
  Revision last;
  uint32_t events = 0;

  friend bool operator==(const StreamOutcome&, const StreamOutcome&) = default;
};

// What the gates let pass and want seen: a field that the event's schema does not declare, or what
// a rule would refuse that only warns.
struct AppendWarning {
  std::string field;    // path in the request: "streams[0].events[3].data"
  std::string pointer;  // into the event's data
  std::string message;  // one sentence
  // Of the policies, in mode warn, that found it; then the other two are empty.
  std::string rule = {};

  friend bool operator==(const AppendWarning&, const AppendWarning&) = default;
};

// The answer to an accepted commit; the same again for the same commit id, for ever.
struct CommitReceipt {
  CommitId id;
  Position first;
  Position last;
  Timestamp recorded;
  std::vector<StreamOutcome> streams;  // in the order of Commit::streams
  // This answer was given before: the commit was already stored and nothing was written now.
  bool repeated = false;
  // Of this call's gates, put in behind the log: not stored, and bounded (AppendResponse).
  std::vector<AppendWarning> warnings = {};
};

// An expectation that did not hold. All of a commit's are reported at once.
struct FailedExpectation {
  std::string stream;
  ExpectedRevision expected;
  std::optional<Revision> actual;  // nothing: the stream does not exist
};

// An append condition that did not hold.
struct FailedCondition {
  uint32_t index = 0;  // of the condition in its commit
  Position position;   // the first event after `after` that matches

  friend bool operator==(const FailedCondition&, const FailedCondition&) = default;
};

// An event id that its stream already has.
struct TakenEventId {
  std::string stream;
  EventId id;
  Revision revision;  // where the stream has it

  friend bool operator==(const TakenEventId&, const TakenEventId&) = default;
};

// Whether `stored` is the same client's content as `candidate`: the same streams and, in order, the
// same events. Expectations, conditions, schema versions and tracing context are not content: a
// retry may see a newer schema and carries a new trace. A content type that the candidate leaves
// out is whatever the server made of it.
bool SameContent(const Commit& candidate, const Commit& stored);

}  // namespace nexus
