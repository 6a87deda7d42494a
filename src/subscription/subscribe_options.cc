#include "subscription/subscribe_options.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "follow/time_bounds.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::subscription {
namespace {

absl::Status BeyondEnd(const SubscribeOptions& options, uint64_t events, uint64_t first) {
  const std::string there =
      events == 0 ? "it has no event yet" : absl::StrCat("its last is ", first + events - 1);
  return MakeError(ErrorReason::kPositionBeyondHead,
                   options.stream.empty()
                       ? absl::StrCat("after position ", options.after, " of the log: ", there)
                       : absl::StrCat("after revision ", options.after, " of stream ",
                                      options.stream, ": ", there));
}

// How many events `stream` has now.
absl::StatusOr<uint64_t> CountEvents(const StreamName& stream, EventReader& reader) {
  const absl::StatusOr<StreamInfo> info = reader.GetStream(stream);
  if (info.ok()) return info->last_revision.value + 1;
  if (ReasonOf(info.status()) == ErrorReason::kStreamNotFound) return 0;
  return info.status();
}

absl::StatusOr<follow::FollowOptions> StartOfLog(const SubscribeOptions& options,
                                                 EventReader& reader) {
  using Start = SubscribeOptions::Start;
  if (options.start == Start::kBeginning) return follow::FollowOptions::WholeLogAfter(Position(0));
  const Position head = reader.Head();
  if (options.start == Start::kEnd) return follow::FollowOptions::WholeLogAfter(head);
  if (options.start == Start::kTime) {
    NEXUS_ASSIGN_OR_RETURN(const Position first, reader.FirstRecordedAt(options.from_time));
    return follow::FollowOptions::WholeLogAfter(Position(first.value - 1));
  }
  if (options.after > head.value) return BeyondEnd(options, head.value, 1);
  return follow::FollowOptions::WholeLogAfter(Position(options.after));
}

absl::StatusOr<follow::FollowOptions> StartOfStream(const SubscribeOptions& options,
                                                    EventReader& reader) {
  using Start = SubscribeOptions::Start;
  NEXUS_ASSIGN_OR_RETURN(StreamName name, StreamName::Parse(options.stream));
  if (options.start == Start::kBeginning) {
    return follow::FollowOptions::StreamFrom(std::move(name), Revision(0));
  }
  NEXUS_ASSIGN_OR_RETURN(const uint64_t events, CountEvents(name, reader));
  if (options.start == Start::kEnd) {
    return follow::FollowOptions::StreamFrom(std::move(name), Revision(events));
  }
  if (options.start == Start::kTime) {
    NEXUS_ASSIGN_OR_RETURN(const uint64_t first,
                           follow::FirstRevisionAt(reader, name, events, options.from_time));
    return follow::FollowOptions::StreamFrom(std::move(name), Revision(first));
  }
  if (options.after >= events) return BeyondEnd(options, events, 0);
  return follow::FollowOptions::StreamFrom(std::move(name), Revision(options.after + 1));
}

}  // namespace

absl::StatusOr<follow::FollowOptions> ResolveStart(const SubscribeOptions& options,
                                                   EventReader& reader, const Limits& limits) {
  if (options.heartbeat_interval < kHeartbeatMin) {
    return MakeError(
        ErrorReason::kLimitExceeded,
        absl::StrCat("heartbeat_interval is ", absl::FormatDuration(options.heartbeat_interval),
                     "; it must be at least ", absl::FormatDuration(kHeartbeatMin)));
  }
  NEXUS_ASSIGN_OR_RETURN(follow::FollowOptions start, options.stream.empty()
                                                          ? StartOfLog(options, reader)
                                                          : StartOfStream(options, reader));
  if (options.batch_events_max > 0) start.limits.events_max = options.batch_events_max;
  start.limits.events_max = std::min(start.limits.events_max, limits.page_events_max);
  return start;
}

}  // namespace nexus::subscription
