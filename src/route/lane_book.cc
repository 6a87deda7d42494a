#include "route/lane_book.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace nexus::route {
namespace {

absl::string_view StreamOf(const OutboundEvent& event) { return event.event->stream; }

}  // namespace

LaneDuty LaneBook::Admit(OutboundEvent event, std::shared_ptr<const void> pin) {
  const Position position = event.event->position;
  tracker_.Begin(position);
  Lane& lane = LaneOf(StreamOf(event));
  where_.emplace(position.value, &lane);
  lane.entries.push_back(Entry{.event = std::move(event), .pin = std::move(pin), .error = {}});
  if (lane.mode == Mode::kOpen && parked_.contains(lane.name)) return GiveUp(lane);
  Offer(lane);
  return {};
}

std::optional<LaneBook::Handover> LaneBook::Take() {
  if (ready_.empty()) return std::nullopt;
  Lane& lane = *ready_.begin()->second;
  Withdraw(lane);
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

LaneDuty LaneBook::Report(Position position, Outcome outcome, absl::string_view error) {
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
      entry->error = std::string(error);
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
  const bool may_give_up = !options_.park || parked_.size() < options_.parked_lanes_max;
  if (front.attempts >= options_.attempts_max && may_give_up) return GiveUp(lane);
  if (refused) {
    lane.mode = Mode::kBackingOff;
    return {LaneDuty::Kind::kBackOff, lane.name, front.attempts};
  }
  lane.mode = Mode::kOpen;
  Offer(lane);
  return {};
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
  const Position position = lane.entries.front().event.event->position;
  tracker_.Done(position);
  where_.erase(position.value);
  lane.entries.pop_front();
  ++dead_lettered_;
  if (options_.park) parked_.insert(lane.name);
  if (options_.park && !lane.entries.empty()) return GiveUp(lane);
  lane.mode = Mode::kOpen;
  Offer(lane);
  EraseIfIdle(lane);
  return {};
}

LaneBook::Failing LaneBook::Front(absl::string_view lane) const {
  const Entry& front = lanes_.find(lane)->second->entries.front();
  return {front.event, front.attempts, front.error};
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

void LaneBook::Offer(Lane& lane) {
  if (lane.listed || lane.mode != Mode::kOpen || lane.next >= lane.entries.size()) return;
  // An event that was refused before goes alone: each try would send all that follow it again.
  const size_t limit =
      lane.entries.front().attempts > 0 ? 1 : std::max<size_t>(1, options_.in_flight_per_lane_max);
  if (lane.in_flight >= limit) return;
  ready_.emplace(lane.entries[lane.next].event.event->position.value, &lane);
  lane.listed = true;
}

void LaneBook::Withdraw(Lane& lane) {
  if (!lane.listed) return;
  ready_.erase(lane.entries[lane.next].event.event->position.value);
  lane.listed = false;
}

void LaneBook::PopAcknowledged(Lane& lane) {
  while (!lane.entries.empty() && lane.entries.front().state == EntryState::kAcknowledged) {
    const Position position = lane.entries.front().event.event->position;
    tracker_.Done(position);
    where_.erase(position.value);
    lane.entries.pop_front();
    --lane.next;
    ++delivered_;
  }
}

void LaneBook::EraseIfIdle(Lane& lane) {
  if (lane.entries.empty()) lanes_.erase(lane.name);
}

}  // namespace nexus::route
