#pragma once

// Reads a range of the whole log once, page by page.

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/core/status_macros.h"
#include "nexus/port/event_reader.h"

namespace nexus {

// Both positions included; ends early where the log does. `go_on` is asked before each page and its
// error ends the walk, as one of the reader does. Reads from disk.
inline absl::Status ForEachEvent(EventReader& reader, Position from, Position to,
                                 absl::FunctionRef<absl::Status()> go_on,
                                 absl::FunctionRef<void(const RecordedEvent&)> visit) {
  Position next = from;
  while (next <= to) {
    NEXUS_RETURN_IF_ERROR(go_on());
    NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                           reader.ReadAll(next, Direction::kForward, PageLimits()));
    if (page.events.empty()) break;
    for (const RecordedEvent& event : page.events) {
      if (event.position <= to) visit(event);
    }
    next = page.events.back().position.Next();
  }
  return absl::OkStatus();
}

}  // namespace nexus
