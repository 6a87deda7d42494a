#include "route/letter_state.h"

#include "nexus/core/status_macros.h"
#include "route/lane_book.h"

namespace nexus::route {

LetterState::LaneKey LetterState::KeyOf(const Letter& letter) {
  return {letter.route, letter.fate == LetterFate::kParked
                            ? letter.stream
                            : LaneBook::LaneOfOne(letter.stream, letter.revision)};
}

const Letter* LetterState::Find(uint64_t id) const {
  const auto found = letters_.find(id);
  return found == letters_.end() ? nullptr : &found->second;
}

const Letter* LetterState::FindLane(absl::string_view route, absl::string_view lane) const {
  const auto found = lanes_.find({std::string(route), std::string(lane)});
  return found == lanes_.end() ? nullptr : Find(found->second);
}

absl::Status LetterState::Apply(const RecordedEvent& event, JsonReader& json) {
  if (event.type == kDeadLetterType) {
    NEXUS_ASSIGN_OR_RETURN(Letter letter, DecodeLetter(event, json));
    const auto renamed = renamed_.find(letter.route);
    if (renamed != renamed_.end()) letter.route = renamed->second;
    Write(std::move(letter));
    return absl::OkStatus();
  }
  NEXUS_ASSIGN_OR_RETURN(const LetterAction action, DecodeLetterAction(event, json));
  Act(action, event.principal);
  return absl::OkStatus();
}

void LetterState::Write(Letter letter) {
  if (letter.fate == LetterFate::kSkipped) {
    ++closed_;
    return;
  }
  if (const Letter* before = FindLane(letter.route, KeyOf(letter).second)) {
    // Once, every event behind a parked one had a letter of its own.
    if (!before->retrying && before->revision < letter.revision) return;
    // It failed again.
    if (before->revision == letter.revision) letter.attempts += before->attempts;
    Close(before->id);
  }
  lanes_[KeyOf(letter)] = letter.id;
  letters_.emplace(letter.id, std::move(letter));
}

void LetterState::Act(const LetterAction& action, absl::string_view principal) {
  const auto found = letters_.find(action.letter);
  if (found == letters_.end()) return;  // two had the same idea
  Letter& letter = found->second;
  const bool skipped = action.kind == LetterAction::Kind::kSkipped;
  // A stream that did not wait has nothing to catch up.
  const bool ends = action.kind == LetterAction::Kind::kRecovered ||
                    (skipped && letter.fate == LetterFate::kPassed);
  if (ends) return Close(letter.id);
  letter.retrying = true;
  letter.skipped = letter.skipped || skipped;
  letter.retry_from = letter.skipped ? letter.revision.Next() : letter.revision;
  letter.decided_by = std::string(principal);
  letter.comment = action.comment;
}

void LetterState::Close(uint64_t id) {
  const auto found = letters_.find(id);
  const auto lane = lanes_.find(KeyOf(found->second));
  if (lane != lanes_.end() && lane->second == id) lanes_.erase(lane);
  letters_.erase(found);
  ++closed_;
}

void LetterState::Rename(absl::string_view from, absl::string_view to) {
  if (from == to || renamed_.contains(std::string(from))) return;
  renamed_.emplace(from, to);
  for (auto& [id, letter] : letters_) {
    if (letter.route != from) continue;
    lanes_.erase(KeyOf(letter));
    letter.route = std::string(to);
    lanes_[KeyOf(letter)] = id;
  }
}

}  // namespace nexus::route
