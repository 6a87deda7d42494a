#pragma once

// LaneBook: which event of which stream may be handed over next, and when a position is done with.
//
// A lane is a stream within a sink. Events of a lane are handed over in order. After any failed
// report the lane stops, lets what is on its way come back, and is handed over again from the
// failed event on, with everything behind it, even what was acknowledged meanwhile: so the last
// arrivals of a lane are always in order. An event that is refused for its own sake is tried a few
// times, alone; then it is due to be dead-lettered, and by default its lane is parked: what follows
// it in the stream is left in the log and never overtakes it. A parked lane is one revision; when
// somebody has it recovered, the owner reads the stream from there on and the lane catches up.
//
// A pure state machine: no clock, no thread, no I/O. Not thread-safe.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "nexus/port/sink.h"
#include "route/checkpoint_tracker.h"
#include "route/lane_duty.h"

namespace nexus::route {

// No event is given up, whatever its rule says.
inline constexpr uint32_t kAttemptsForEver = UINT32_MAX;

class LaneBook {
 public:
  struct Options {
    // On their way at once in one lane. 1: strict order even if the sink refuses a single event,
    // at the price of one round trip an event.
    size_t in_flight_per_lane_max = 256;
    // A second one may be on its way only right behind the first: Sink::OnlyInRuns().
    bool only_in_runs = false;
    uint32_t attempts_max = 5;
    // After a dead letter: park the lane (true), or go on with the next event (false).
    bool park = true;
    // With so many parked lanes no further event is given up: its lane backs off instead.
    size_t parked_lanes_max = 10'000;
  };
  struct Handover {
    OutboundEvent event;
    bool again = false;  // it was handed over before
  };
  struct Failing {
    OutboundEvent event;
    uint32_t attempts = 0;
    std::string error;
    ErrorClass error_class = ErrorClass::kOther;
    bool skipped = false;  // by a rule: nobody has to look at it
    bool parks = false;    // its lane will be parked
  };

  LaneBook(Options options, Position checkpoint)
      : options_(options), per_lane_max_(options.in_flight_per_lane_max), tracker_(checkpoint) {}

  // A lane that an earlier run parked.
  void Park(absl::string_view lane) { parked_.emplace(lane); }
  bool IsParked(absl::string_view lane) const { return parked_.contains(lane); }

  // A parked lane is to catch up from `from` on. False: it is not parked, or does so already.
  bool BeginRecovery(absl::string_view lane, Revision from);
  // What was read of it: the next events, and whether they are all up to seen(). `next` is the
  // revision to go on from.
  void Recover(absl::string_view lane, std::vector<OutboundEvent> events,
               const std::shared_ptr<const void>& pin, bool all, Revision next);
  // One event that its lane has passed, again and by itself; false: it is under way.
  bool RecoverOne(OutboundEvent event, std::shared_ptr<const void> pin);
  // The lane of such an event.
  static std::string LaneOfOne(absl::string_view stream, Revision revision);
  std::vector<RecoveryDuty> TakeRecoveries() { return std::exchange(recoveries_, {}); }

  // Every event of the log in order: not meant for this sink, or to be delivered.
  void Skip(Position position) { tracker_.Skip(position); }
  // `pin` is let go of when the event is done with. Of a parked lane it stays in the log.
  void Admit(OutboundEvent event, std::shared_ptr<const void> pin);

  // From now on so many may be on their way in one lane, and no more than the options say.
  void AllowPerLane(size_t count);
  // The event to hand over next: the first of those whose lanes are free, or the next of the run
  // that the last one began. Nothing if there is none.
  std::optional<Handover> Take();
  // What became of an event that was taken. Exactly once for each Take().
  LaneDuty Report(Position position, Outcome outcome, const Refusal& refusal = {});
  void BackOffOver(absl::string_view lane);
  // The letter is written. What is due for the lane then: nothing, but its events may go on.
  LaneDuty DeadLettered(absl::string_view lane);
  // The event of a lane that is due to be dead-lettered.
  Failing Front(absl::string_view lane) const;

  Position checkpoint() const { return tracker_.checkpoint(); }
  Position seen() const { return tracker_.seen(); }
  size_t size() const { return where_.size(); }  // admitted and not done with
  size_t in_flight() const { return in_flight_; }
  uint64_t delivered() const { return delivered_; }
  uint64_t dead_lettered() const { return dead_lettered_; }
  size_t parked_lanes() const { return parked_.size(); }
  size_t blocked_lanes() const;
  // When the event that holds the checkpoint back was recorded.
  std::optional<Timestamp> oldest() const;

 private:
  enum class EntryState { kWaiting, kInFlight, kAcknowledged, kRefused, kUnavailable };
  struct Entry {
    OutboundEvent event;
    std::shared_ptr<const void> pin;
    EntryState state = EntryState::kWaiting;
    bool handed_over = false;
    uint32_t attempts = 0;
    std::string error;
    ErrorClass error_class = ErrorClass::kOther;
    ErrorAction action = ErrorAction::kRetry;
    bool recovered = false;  // read again: the checkpoint does not wait for it
  };
  enum class Mode { kOpen, kDraining, kBackingOff, kDeadLettering };
  struct Lane {
    std::string name;
    Mode mode = Mode::kOpen;
    std::deque<Entry> entries;  // by position; the first is never acknowledged
    size_t next = 0;            // the first that waits
    size_t in_flight = 0;
    bool listed = false;  // stands in ready_
    // While it is recovered.
    bool recovering = false;
    bool single = false;  // of one event, which its stream has passed
    bool read_all = false;
    bool reading = false;  // a duty to read is with the owner
    size_t recovered_left = 0;
    Revision next_revision = {};
  };

  Lane& LaneOf(absl::string_view name);
  size_t LimitOf(const Lane& lane) const;
  Lane* NextLane();  // null: none may go
  bool RunGoesOn() const;
  void Erase(Lane& lane);
  void Offer(Lane& lane);
  void Withdraw(Lane& lane);
  void PopAcknowledged(Lane& lane);
  LaneDuty Settle(Lane& lane);
  LaneDuty GiveUp(Lane& lane);
  bool GivesUp(const Entry& front) const;
  void PopFront(Lane& lane);
  void DropLane(Lane& lane);
  void GoOnRecovering(Lane& lane);
  void EraseIfIdle(Lane& lane);

  const Options options_;
  size_t per_lane_max_;
  CheckpointTracker tracker_;
  absl::flat_hash_map<std::string, std::unique_ptr<Lane>> lanes_;
  absl::flat_hash_set<std::string> parked_;
  std::vector<RecoveryDuty> recoveries_;
  absl::flat_hash_map<uint64_t, Lane*> where_;  // by position
  std::map<uint64_t, Lane*> ready_;             // by position of the lane's first waiting event
  Lane* last_ = nullptr;                        // that was taken from last; null: it is no more
  size_t run_ = 0;                              // how often in a row
  size_t in_flight_ = 0;
  uint64_t delivered_ = 0;
  uint64_t dead_lettered_ = 0;
};

}  // namespace nexus::route
