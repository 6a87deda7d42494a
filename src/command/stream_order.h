#pragma once

// Whether events of a stream come as they were stored, before they are folded. Pure.

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "command/live_aggregate.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"

namespace nexus::command {

// DATA_LOSS unless the revisions are `next` and what follows it without a gap, and the positions
// ascend from beyond `behind` (0: from anywhere).
absl::Status CheckStreamOrder(const StreamName& stream, Revision next, Position behind,
                              absl::Span<const RecordedEvent> events);

StreamPoint PointOf(const RecordedEvent& event);

}  // namespace nexus::command
