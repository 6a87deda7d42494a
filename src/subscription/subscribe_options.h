#pragma once

// What a subscriber asks for, and whether it can be had.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "follow/log_follower.h"
#include "index/selection.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/limits.h"
#include "nexus/port/event_reader.h"

namespace nexus::subscription {

inline constexpr absl::Duration kHeartbeatMin = absl::Milliseconds(100);

struct SubscribeOptions {
  enum class Start { kBeginning, kEnd, kAfter, kTime };

  std::string stream = {};  // empty: the whole log
  Start start = Start::kBeginning;
  uint64_t after = 0;                // kAfter: a revision of `stream`, or a position
  Timestamp from_time = {};          // kTime: events recorded then or later
  bool exclude_system = false;       // whole log only: leave out '$' streams
  EventFilter filter = {};           // only events that match
  index::Visible visible = nullptr;  // set by the engine
  // The subscription ends behind this revision (or position), and before the first event recorded
  // at this time or later.
  std::optional<uint64_t> to = {};
  std::optional<Timestamp> to_time = {};
  absl::Duration heartbeat_interval = absl::Seconds(10);
  std::shared_ptr<const void> held = nullptr;  // let go of when the subscription has gone
  uint32_t batch_events_max = 0;               // 0: 1,024; at most Limits::page_events_max
};

// Checks the options against the log as it is now, and says where to begin. May read from disk.
//   MALFORMED_NAME, INVALID_UTF8   the stream cannot exist
//   LIMIT_EXCEEDED                 the heartbeat interval is under 100 ms
//   POSITION_BEYOND_HEAD           `after` names an event that does not exist: the subscriber has
//                                  seen another log, or this one was restored
absl::StatusOr<follow::FollowOptions> ResolveStart(const SubscribeOptions& options,
                                                   EventReader& reader, const Limits& limits);

}  // namespace nexus::subscription
