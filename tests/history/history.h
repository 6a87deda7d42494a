#pragma once

// What concurrent clients of a log did and were told: the material of the checker (check.h).
//
// Plain values. Each client fills a Journal of its own; the journals and the log as it was read at
// the end make a History. Ticks of one counter tell which answers came before which calls.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/commit.h"
#include "nexus/core/errors.h"
#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"

namespace nexus::history {

// 0: never.
using Tick = uint64_t;

// One for all clients. Thread-safe.
class Ticks {
 public:
  Tick Next() { return ++last_; }

 private:
  std::atomic<Tick> last_{0};
};

// An event as a client was shown it. `digest` stands for its stream, id, type, tags and data.
struct SeenEvent {
  uint64_t position = 0;
  uint64_t revision = 0;
  uint64_t digest = 0;

  friend bool operator==(const SeenEvent&, const SeenEvent&) = default;
};

struct WrittenEvent {
  uint32_t stream_index = 0;  // into the streams of its call
  EventId id = {};
  uint64_t digest = 0;
};

// What is known about a call. A definite refusal wrote nothing; unknown may have or not.
enum class Outcome { kUnknown, kStored, kRefused };

struct AppendCall {
  uint32_t client = 0;
  Tick invoked = 0;
  Tick returned = 0;
  CommitId commit = {};
  std::vector<CommitStream> streams = {};
  std::vector<WrittenEvent> events = {};
  std::vector<AppendCondition> conditions = {};
  Outcome outcome = Outcome::kUnknown;
  CommitReceipt receipt = {};  // kStored
  // kRefused.
  ErrorReason reason = ErrorReason::kUnspecified;
  std::vector<FailedExpectation> failed_expectations = {};
  std::vector<FailedCondition> failed_conditions = {};
  std::vector<TakenEventId> taken_event_ids = {};
};

// A read that was answered. What failed is left out: it says nothing.
struct ReadCall {
  uint32_t client = 0;
  Tick invoked = 0;
  Tick returned = 0;
  std::string stream = {};  // empty: the whole log
  uint64_t from = 0;        // position or revision
  Direction direction = Direction::kForward;
  uint64_t min_position = 0;
  bool not_found = false;             // the stream had no event
  std::optional<uint64_t> head = {};  // that the answer named
  bool complete = false;              // it reached the end in its direction
  std::vector<SeenEvent> events = {};
};

// One message of a subscription.
struct Delivery {
  Tick at = 0;
  uint64_t head = 0;
  std::optional<uint64_t> checkpoint = {};
  std::vector<SeenEvent> events = {};
};

// One subscription, from where it began to its end.
struct Session {
  uint32_t client = 0;
  std::string stream = {};  // empty: the whole log
  uint64_t next = 1;        // the first position or revision that is wanted
  bool exclude_system = false;
  EventFilter filter = {};
  std::vector<Delivery> deliveries = {};
};

struct Journal {
  std::vector<AppendCall> appends = {};
  std::vector<ReadCall> reads = {};
  std::vector<Session> sessions = {};
};

// An event of the log as it was read in the end.
struct LoggedEvent {
  uint64_t position = 0;
  uint64_t revision = 0;
  std::string stream = {};
  EventId id = {};
  CommitId commit = {};
  std::string type = {};
  std::vector<std::string> tags = {};
  std::string correlation = {};
  Timestamp recorded = {};
  uint64_t digest = 0;
};

struct History {
  Journal calls = {};
  // When the log or its process ended without a word; ascending. What was under way has an unknown
  // outcome, and takes no effect after it.
  std::vector<Tick> crashes = {};
  std::vector<LoggedEvent> log = {};

  void Add(Journal journal);
};

// Stable over processes and machines.
uint64_t DigestOf(absl::string_view stream, const EventId& id, absl::string_view type,
                  const std::vector<absl::string_view>& tags, absl::string_view data);

SeenEvent Seen(const RecordedEvent& event);
LoggedEvent Logged(const RecordedEvent& event);

// A call that is about to be made: its outcome is unknown until Answer().
AppendCall Begin(uint32_t client, Tick invoked, const Commit& commit);
// DEADLINE_EXCEEDED, CANCELLED, OUTCOME_UNKNOWN and whatever has no reason of ours stay unknown.
void Answer(AppendCall& call, Tick returned, const absl::StatusOr<CommitReceipt>& verdict);

// The whole log, page by page.
absl::StatusOr<std::vector<LoggedEvent>> ReadLog(EventReader& reader);

}  // namespace nexus::history
