#include "command/stream_order.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::command {

absl::Status CheckStreamOrder(const StreamName& stream, Revision next, Position behind,
                              absl::Span<const RecordedEvent> events) {
  for (const RecordedEvent& event : events) {
    if (event.revision != next || event.position <= behind) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("the stream ", stream.str(), " is out of order: revision ",
                                    event.revision.value, " at position ", event.position.value,
                                    " comes where revision ", next.value, " beyond position ",
                                    behind.value, " has to come"));
    }
    next = next.Next();
    behind = event.position;
  }
  return absl::OkStatus();
}

StreamPoint PointOf(const RecordedEvent& event) {
  return {event.position, event.id, event.recorded};
}

}  // namespace nexus::command
