#include "follow/time_bounds.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::follow {

absl::StatusOr<uint64_t> FirstRevisionFrom(EventReader& reader, const StreamName& stream,
                                           uint64_t events, Position position) {
  uint64_t low = 0;        // everything below stands before `position`
  uint64_t high = events;  // and everything from here on does not
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    NEXUS_ASSIGN_OR_RETURN(
        const EventBatch page,
        reader.ReadStream(stream, Revision(middle), Direction::kForward, {1, SIZE_MAX}));
    if (page.events.empty()) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("revision ", middle, " of ", stream.str(), " is missing"));
    }
    if (page.events.front().position < position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::StatusOr<uint64_t> FirstRevisionAt(EventReader& reader, const StreamName& stream,
                                         uint64_t events, Timestamp time) {
  NEXUS_ASSIGN_OR_RETURN(const Position position, reader.FirstRecordedAt(time));
  return FirstRevisionFrom(reader, stream, events, position);
}

}  // namespace nexus::follow
