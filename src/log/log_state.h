#pragma once

// What ordering needs to know about the commits that are already in the log.

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/commit.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::log {

// Where the log ends: position 0 and time 0 for an empty one.
struct LogTip {
  Position head;
  Timestamp last_recorded;

  friend bool operator==(const LogTip&, const LogTip&) = default;
};

// Where a stream ends. A stream without an event has no head.
//
// The ids of its first `sorted_count` events ascend strictly: where an id among them stands is
// found by bisection. Events behind them are found by a row each, so a stream whose ids ascend with
// time costs no row.
struct StreamHead {
  Revision last_revision = {};
  Position first_position = {};
  Position last_position = {};
  Timestamp created = {};  // recorded time of its first event
  Timestamp updated = {};  // of its last
  uint64_t sorted_count = 0;
  EventId last_sorted_id = {};  // of the last of these
  EventId max_id = {};          // the greatest id of the stream: what is greater is new

  uint64_t events() const { return last_revision.value + 1; }
  // Takes the id of the stream's next event. False if the event needs a row to be found by.
  bool TakeId(const EventId& id, Revision revision);

  friend bool operator==(const StreamHead&, const StreamHead&) = default;
};

// A commit as the log keeps it, with the answer it got (`repeated` is false in it).
struct StoredCommit {
  Commit commit;
  CommitReceipt receipt;
};

// A stream as the log has it. Borrows `name` and `head`.
struct StreamPlace {
  uint32_t tenant = 0;
  absl::string_view name;
  const StreamHead& head;
};

// Look-ups by the applying thread; need not be thread-safe. Errors mean that the state cannot be
// read (DATA_LOSS, INTERNAL), never that something is absent.
class LogState {
 public:
  virtual ~LogState() = default;

  virtual absl::StatusOr<std::optional<StreamHead>> FindStream(uint32_t tenant,
                                                               absl::string_view name) = 0;
  virtual absl::StatusOr<std::optional<StoredCommit>> FindCommit(uint32_t tenant,
                                                                 const CommitId& id) = 0;

  // Where the stream has the event `id`; nothing if it does not have it.
  virtual absl::StatusOr<std::optional<Revision>> FindEvent(const StreamPlace& stream,
                                                            const EventId& id) = 0;
  // The commit that holds this event, which exists.
  virtual absl::StatusOr<StoredCommit> CommitOf(const StreamPlace& stream, Revision revision) = 0;

  // The first event of the log after `after` that matches; nothing if none does.
  virtual absl::StatusOr<std::optional<Position>> FirstMatch(uint32_t tenant,
                                                             const EventFilter& filter,
                                                             Position after) = 0;
};

}  // namespace nexus::log
