#pragma once

// A walk over the whole log that proves its stamps: every event has a principal, a decision, a
// correlation id and a causation that resolves, and says what its request digest says.
//
// A causation resolves to an event that stands before, to a commit that stands before or is the
// event's own, or to something outside: text that is no UUID. An event without one was caused by
// the command that stored it, which is its own commit.
//
// Backwards, because then causes come after what they caused: what is open is all that must be kept
// in memory. Not thread-safe. What is stored after it began is not looked at. The reader must
// outlive it.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "nexus/port/event_reader.h"

namespace nexus::engine {

struct StampAuditOptions {
  // UUIDs that the log does not know are ids of somebody else's.
  bool unknown_is_outside = false;
  size_t findings_max = 100;  // that are kept; all are counted
  // Causes that are sought at a time; events with others are incomplete.
  size_t open_causes_max = 4 << 20;
  PageLimits page = {4'096, 4 << 20};
};

struct StampFinding {
  Position position;
  std::string stream;
  std::string message;
};

// So far. Counts of events.
struct StampProgress {
  uint64_t scanned = 0;  // positions of the log, of `head`
  Position head;         // where the log ended at the beginning
  uint64_t events = 0;
  uint64_t with_principal = 0;
  uint64_t with_decision = 0;
  uint64_t with_correlation = 0;
  // By cause: the sum is `events`, once all is done.
  uint64_t caused_by_own_commit = 0;  // they name none
  uint64_t caused_by_event = 0;
  uint64_t caused_by_commit = 0;
  uint64_t caused_outside = 0;
  uint64_t cause_unknown = 0;  // does not resolve
  uint64_t complete = 0;       // have all four
  uint64_t digests_good = 0;
  uint64_t digests_wrong = 0;
  uint64_t without_digest = 0;  // stored by an older nexusd
  bool done = false;
  std::vector<StampFinding> findings;

  bool proven() const { return done && complete == events && digests_wrong == 0; }
};

class StampAudit {
 public:
  StampAudit(EventReader& reader, Position head, const StampAuditOptions& options);

  // Looks at the next page: some milliseconds, from disk. What the log gives where it cannot be
  // read.
  absl::Status Advance();
  const StampProgress& progress() const { return progress_; }
  bool done() const { return progress_.done; }

 private:
  // Events that wait for one cause.
  struct Wanted {
    uint64_t events = 0;
    uint64_t otherwise_complete = 0;
    Position position;  // of one of them
    std::string stream;
  };

  void Look(const RecordedEvent& event);
  void LookAtCause(const RecordedEvent& event, bool otherwise_complete);
  void Resolve(const UuidBytes& cause, uint64_t& count);
  // All events of the commit that was open have been seen.
  void CloseCommit();
  void Finish();
  void AddFinding(Position position, absl::string_view stream, std::string message);

  EventReader& reader_;
  const StampAuditOptions options_;
  Position next_;
  absl::btree_map<UuidBytes, Wanted> wanted_;  // in an order that is the same for all
  // The commit that is being passed, its last event first, and what these point into.
  std::vector<RecordedEvent> open_;
  std::vector<std::shared_ptr<const void>> backing_;
  StampProgress progress_;
};

}  // namespace nexus::engine
