#pragma once

// Dead letters as events of the log itself, in the stream "$dead-letters". A letter names its event
// by position and does not copy it: the log keeps the original as it was.
//
// Data: {"sink", "stream", "revision", "position", "event_id", "type", "attempts", "error"}.
// `backend`, `reader` and `clock` must outlive it.

#include <string>
#include <vector>

#include "nexus/core/clock.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"
#include "route/dead_letters.h"

namespace nexus::route {

inline constexpr absl::string_view kDeadLetterStream = "$dead-letters";
inline constexpr absl::string_view kDeadLetterType = "$dead-lettered";

class LogDeadLetters : public DeadLetterWriter {
 public:
  LogDeadLetters(LogBackend& backend, EventReader& reader, const Clock& clock)
      : backend_(backend), reader_(reader), clock_(clock) {}

  void Write(DeadLetter letter, Written written) override;
  absl::StatusOr<std::vector<std::string>> ParkedStreams(absl::string_view sink) override;

 private:
  LogBackend& backend_;
  EventReader& reader_;
  const Clock& clock_;
};

}  // namespace nexus::route
