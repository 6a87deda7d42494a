#include "route/lane_book.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::route {
namespace {

absl::string_view StreamOf(const OutboundEvent& event) { return event.event->stream; }

}  // namespace

void LaneBook::Admit(OutboundEvent event, std::shared_ptr<const void> pin) {
  const Position position = event.event->position;
  // What parks a lane was written down, and with it all that follows.
  if (parked_.contains(StreamOf(event))) return tracker_.Skip(position);
  tracker_.Begin(position);
  Lane& lane = LaneOf(StreamOf(event));
  where_.emplace(position.value, &lane);
  lane.entries.push_back(Entry{.event = std::move(event), .pin = std::move(pin), .error = {}});
  Offer(lane);
}

bool LaneBook::BeginRecovery(absl::string_view name, Revision from) {
  if (!parked_.contains(name)) return false;
  Lane& lane = LaneOf(name);
  if (lane.recovering) return false;
  lane.recovering = true;
  lane.read_all = false;
  lane.next_revision = from;
  GoOnRecovering(lane);
  return true;
}

void LaneBook::Recover(absl::string_view name, std::vector<OutboundEvent> events,
                       const std::shared_ptr<const void>& pin, bool all, Revision next) {
  const auto it = lanes_.find(name);
  // It has been parked again meanwhile.
  if (it == lanes_.end() || !it->second->recovering || !it->second->reading) return;
  Lane& lane = *it->second;
  lane.reading = false;
  lane.next_revision = next;
  for (OutboundEvent& event : events) {
    where_.emplace(event.event->position.value, &lane);
    lane.entries.push_back(
        Entry{.event = std::move(event), .pin = pin, .error = {}, .recovered = true});
    ++lane.recovered_left;
  }
  if (all) {
    lane.read_all = true;
    parked_.erase(lane.name);
  }
  Offer(lane);
  GoOnRecovering(lane);
  EraseIfIdle(lane);
}

std::string LaneBook::LaneOfOne(absl::string_view stream, Revision revision) {
  return absl::StrCat(stream, "\n", revision.value);  // no stream has such a name
}

bool LaneBook::RecoverOne(OutboundEvent event, std::shared_ptr<const void> pin) {
  const uint64_t position = event.event->position.value;
  if (where_.contains(position)) return false;
  Lane& lane = LaneOf(LaneOfOne(event.event->stream, event.event->revision));
  lane.recovering = lane.single = lane.read_all = true;
  lane.recovered_left = 1;
  where_.emplace(position, &lane);
  lane.entries.push_back(
      Entry{.event = std::move(event), .pin = std::move(pin), .error = {}, .recovered = true});
  Offer(lane);
  return true;
}

// Asks for more, or tells that the lane has caught up, once all that was read is done with.
void LaneBook::GoOnRecovering(Lane& lane) {
  if (!lane.recovering || lane.reading || lane.recovered_left > 0) return;
  if (lane.read_all) {
    lane.recovering = false;
    recoveries_.push_back({lane.name, /*done=*/true, {}});
  } else {
    lane.reading = true;
    recoveries_.push_back({lane.name, /*done=*/false, lane.next_revision});
  }
}

void LaneBook::AllowPerLane(size_t count) {
  per_lane_max_ = std::min(count, options_.in_flight_per_lane_max);
}

// A run ends when as many were taken as may be on their way, however quickly they are delivered:
// other lanes have their turn.
bool LaneBook::RunGoesOn() const {
  return options_.only_in_runs && last_ != nullptr && last_->mode == Mode::kOpen &&
         last_->next < last_->entries.size() && run_ < per_lane_max_ &&
         last_->in_flight < LimitOf(*last_);
}

LaneBook::Lane* LaneBook::NextLane() {
  if (RunGoesOn()) return last_;
  while (!ready_.empty()) {
    Lane* lane = ready_.begin()->second;
    if (lane->in_flight < LimitOf(*lane)) return lane;
    Withdraw(*lane);  // fewer are allowed than when it was offered; its next report offers it again
  }
  return nullptr;
}

std::optional<LaneBook::Handover> LaneBook::Take() {
  Lane* const next = NextLane();
  if (next == nullptr) return std::nullopt;
  Lane& lane = *next;
  Withdraw(lane);
  run_ = next == last_ ? run_ + 1 : 1;
  last_ = next;
  Entry& entry = lane.entries[lane.next];
  Handover handover{entry.event, entry.handed_over};
  entry.state = EntryState::kInFlight;
  entry.handed_over = true;
  ++lane.next;
  ++lane.in_flight;
  ++in_flight_;
  Offer(lane);
  return handover;
}

LaneDuty LaneBook::Report(Position position, Outcome outcome, const Refusal& refusal) {
  const auto found = where_.find(position.value);
  assert(found != where_.end());
  Lane& lane = *found->second;
  const auto entry =
      std::lower_bound(lane.entries.begin(), lane.entries.end(), position,
                       [](const Entry& e, Position p) { return e.event.event->position < p; });
  assert(entry != lane.entries.end() && entry->state == EntryState::kInFlight);
  --lane.in_flight;
  --in_flight_;
  switch (outcome) {
    case Outcome::kDelivered:
      entry->state = EntryState::kAcknowledged;
      break;
    case Outcome::kRefused:
      entry->state = EntryState::kRefused;
      ++entry->attempts;
      entry->error = std::string(refusal.error);
      entry->error_class = refusal.error_class;
      entry->action = refusal.action;
      lane.mode = Mode::kDraining;
      break;
    case Outcome::kUnavailable:
      entry->state = EntryState::kUnavailable;
      lane.mode = Mode::kDraining;
      break;
  }
  PopAcknowledged(lane);
  if (lane.mode == Mode::kDraining) {
    Withdraw(lane);
    return lane.in_flight > 0 ? LaneDuty{} : Settle(lane);
  }
  Offer(lane);
  EraseIfIdle(lane);
  return {};
}

// All of a stopped lane has come back: everything from the failed event on waits again.
LaneDuty LaneBook::Settle(Lane& lane) {
  Entry& front = lane.entries.front();
  const bool refused = front.state == EntryState::kRefused;
  for (Entry& entry : lane.entries) entry.state = EntryState::kWaiting;
  lane.next = 0;
  if (front.attempts > 0 && GivesUp(front)) return GiveUp(lane);
  if (refused) {
    lane.mode = Mode::kBackingOff;
    return {LaneDuty::Kind::kBackOff, lane.name, front.attempts};
  }
  lane.mode = Mode::kOpen;
  Offer(lane);
  return {};
}

bool LaneBook::GivesUp(const Entry& front) const {
  if (options_.attempts_max == kAttemptsForEver) return false;
  if (front.action == ErrorAction::kSkip) return true;
  if (options_.park && parked_.size() >= options_.parked_lanes_max) return false;
  return front.action == ErrorAction::kPerson || front.attempts >= options_.attempts_max;
}

LaneDuty LaneBook::GiveUp(Lane& lane) {
  Withdraw(lane);
  lane.mode = Mode::kDeadLettering;
  return {LaneDuty::Kind::kDeadLetter, lane.name, lane.entries.front().attempts};
}

void LaneBook::BackOffOver(absl::string_view lane_name) {
  const auto it = lanes_.find(lane_name);
  if (it == lanes_.end() || it->second->mode != Mode::kBackingOff) return;
  it->second->mode = Mode::kOpen;
  Offer(*it->second);
}

LaneDuty LaneBook::DeadLettered(absl::string_view lane_name) {
  const auto it = lanes_.find(lane_name);
  if (it == lanes_.end() || it->second->mode != Mode::kDeadLettering) return {};
  Lane& lane = *it->second;
  const bool parks = Front(lane_name).parks;
  PopFront(lane);
  ++dead_lettered_;
  if (parks) {
    parked_.insert(lane.name);
    DropLane(lane);
    return {};
  }
  lane.mode = Mode::kOpen;
  Offer(lane);
  // An event that failed once more has a new letter, which its old one ends with.
  if (lane.single) lane.recovering = false;
  GoOnRecovering(lane);
  EraseIfIdle(lane);
  return {};
}

LaneBook::Failing LaneBook::Front(absl::string_view name) const {
  const Lane& lane = *lanes_.find(name)->second;
  const Entry& front = lane.entries.front();
  const bool skipped = front.action == ErrorAction::kSkip;
  return {front.event,       front.attempts, front.error,
          front.error_class, skipped,        options_.park && !skipped && !lane.single};
}

size_t LaneBook::blocked_lanes() const {
  size_t blocked = 0;
  for (const auto& [name, lane] : lanes_) blocked += lane->mode != Mode::kOpen ? 1 : 0;
  return blocked;
}

std::optional<Timestamp> LaneBook::oldest() const {
  const uint64_t position = checkpoint().value + 1;
  const auto it = where_.find(position);
  if (it == where_.end()) return std::nullopt;
  for (const Entry& entry : it->second->entries) {
    if (entry.event.event->position.value == position) return entry.event.event->recorded;
  }
  return std::nullopt;
}

LaneBook::Lane& LaneBook::LaneOf(absl::string_view name) {
  std::unique_ptr<Lane>& lane = lanes_[name];
  if (!lane) {
    lane = std::make_unique<Lane>();
    lane->name = std::string(name);
  }
  return *lane;
}

// An event that was refused before goes alone: each try would send all that follow it again.
size_t LaneBook::LimitOf(const Lane& lane) const {
  return lane.entries.front().attempts > 0 ? 1 : std::max<size_t>(1, per_lane_max_);
}

void LaneBook::Offer(Lane& lane) {
  if (lane.listed || lane.mode != Mode::kOpen || lane.next >= lane.entries.size()) return;
  if (lane.in_flight >= (options_.only_in_runs ? 1 : LimitOf(lane))) return;
  ready_.emplace(lane.entries[lane.next].event.event->position.value, &lane);
  lane.listed = true;
}

void LaneBook::Withdraw(Lane& lane) {
  if (!lane.listed) return;
  ready_.erase(lane.entries[lane.next].event.event->position.value);
  lane.listed = false;
}

void LaneBook::PopFront(Lane& lane) {
  const Entry& front = lane.entries.front();
  const Position position = front.event.event->position;
  if (front.recovered) {
    --lane.recovered_left;
  } else {
    tracker_.Done(position);
  }
  where_.erase(position.value);
  lane.entries.pop_front();
}

void LaneBook::PopAcknowledged(Lane& lane) {
  while (!lane.entries.empty() && lane.entries.front().state == EntryState::kAcknowledged) {
    PopFront(lane);
    --lane.next;
    ++delivered_;
  }
  GoOnRecovering(lane);
}

// The rest of a lane that was parked stays in the log.
void LaneBook::DropLane(Lane& lane) {
  while (!lane.entries.empty()) PopFront(lane);
  Erase(lane);
}

void LaneBook::Erase(Lane& lane) {
  if (last_ == &lane) last_ = nullptr;
  lanes_.erase(lane.name);
}

void LaneBook::EraseIfIdle(Lane& lane) {
  if (lane.entries.empty() && !lane.recovering) Erase(lane);
}

}  // namespace nexus::route
