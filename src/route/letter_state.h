#pragma once

// Which dead letters are open: the fold of `$dead-letters`. Pure; not thread-safe.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"
#include "route/letter_events.h"

namespace nexus::route {

class LetterState {
 public:
  // Events in order. DATA_LOSS, UNSUPPORTED_FORMAT.
  absl::Status Apply(const RecordedEvent& event, JsonReader& json);

  // Open ones, by id.
  const std::map<uint64_t, Letter>& letters() const { return letters_; }
  const Letter* Find(uint64_t id) const;
  // The one that holds `lane` (as LaneBook calls it) of `route`; null: none does.
  const Letter* FindLane(absl::string_view route, absl::string_view lane) const;
  uint64_t closed() const { return closed_; }

  // The letters of `from` are those of `to`, as if written so.
  void Rename(absl::string_view from, absl::string_view to);

 private:
  using LaneKey = std::pair<std::string, std::string>;

  static LaneKey KeyOf(const Letter& letter);
  void Write(Letter letter);
  void Act(const LetterAction& action, absl::string_view principal);
  void Close(uint64_t id);

  std::map<uint64_t, Letter> letters_;
  std::map<LaneKey, uint64_t> lanes_;
  std::map<std::string, std::string> renamed_;
  uint64_t closed_ = 0;
};

}  // namespace nexus::route
