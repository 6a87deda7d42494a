#include "temporal/past_bound.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::temporal {
namespace {

constexpr PageLimits kOne{.events_max = 1};

absl::StatusOr<PastBound> AtTime(Timestamp time, Timestamp now, EventReader& reader) {
  if (time > now) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat(TimeText(time),
                                  " lies in the future; leave the point out to "
                                  "ask for the state of now"));
  }
  NEXUS_ASSIGN_OR_RETURN(const Position behind, reader.FirstRecordedAt(Timestamp{time.micros + 1}));
  return PastBound{Position(behind.value - 1), std::nullopt, time};
}

absl::StatusOr<PastBound> AtPosition(Position position, EventReader& reader) {
  if (position > reader.Head()) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("position ", position.value,
                                  " is not there yet: the log ends at ", reader.Head().value));
  }
  if (position.value == 0) return PastBound{};
  const std::array<Position, 1> wanted = {position};
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page, reader.ReadAt(wanted, kOne));
  return PastBound{position, std::nullopt, page.events.front().recorded};
}

absl::StatusOr<PastBound> AtRevision(Revision revision, const StreamName& stream,
                                     EventReader& reader) {
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                         reader.ReadStream(stream, revision, Direction::kForward, kOne));
  if (page.events.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const StreamInfo info, reader.GetStream(stream));
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("revision ", revision.value, " of ", stream.str(),
                                  " is not there yet: the last is ", info.last_revision.value));
  }
  const RecordedEvent& event = page.events.front();
  return PastBound{event.position, revision, event.recorded};
}

}  // namespace

absl::StatusOr<PastBound> FindBound(const PastPoint& point, const StreamName& stream, Timestamp now,
                                    EventReader& reader) {
  switch (point.kind) {
    case PastPoint::Kind::kNow:
      return PastBound{reader.Head(), std::nullopt, now};
    case PastPoint::Kind::kTime:
      return AtTime(point.time, now, reader);
    case PastPoint::Kind::kPosition:
      return AtPosition(point.position, reader);
    case PastPoint::Kind::kRevision:
      break;
  }
  return AtRevision(point.revision, stream, reader);
}

}  // namespace nexus::temporal
