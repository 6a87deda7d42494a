#pragma once

// Events on their way from the server: a read that ends, and a subscription that does not.
//
// Each is used by one thread at a time, except Cancel(). They must not outlive their Client.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nexus/core/event.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"

namespace nexus::client {

// The version in which events are wanted: nexus.v1.SchemaView.
struct SchemaView {
  uint32_t version = 0;  // of every type that is not in `versions`; 0: as stored
  bool latest = false;   // of these: the latest
  std::map<std::string, uint32_t> versions{};

  bool empty() const { return version == 0 && !latest && versions.empty(); }
};

struct ReadOptions {
  std::string stream{};            // empty: the whole log
  std::optional<uint64_t> from{};  // first revision (or position), inclusive; none: the near end
  Direction direction = Direction::kForward;
  uint64_t limit = 0;           // 0: none
  Position min_position{};      // wait until the log has reached this
  bool exclude_system = false;  // whole log: leave out the server's own '$' streams
  absl::Duration timeout = absl::InfiniteDuration();  // of the whole read
  EventFilter filter{};                               // only events that match
  std::optional<uint64_t> to{};                       // last revision (or position), inclusive
  std::optional<Timestamp> from_time{};               // recorded then or later
  std::optional<Timestamp> to_time{};                 // recorded before
  SchemaView as_version{};
};

class EventStream {
 public:
  virtual ~EventStream() = default;

  // The next page, maybe without events; nothing at the end. After an error or the end, the same
  // again.
  virtual absl::StatusOr<std::optional<EventBatch>> Next() = 0;

  // The last revision (or position) that the pages so far stand for, matching or not: what an
  // append condition can be `after`. Nothing: not told.
  virtual std::optional<uint64_t> checkpoint() const = 0;

  // Next() returns kCancelled soon. From any thread.
  virtual void Cancel() = 0;
};

struct SubscribeOptions {
  std::string stream{};             // empty: the whole log
  bool from_end = false;            // only what is appended from now on
  std::optional<uint64_t> after{};  // strictly after this revision (or position); beats from_end
  bool exclude_system = false;
  absl::Duration heartbeat = absl::Seconds(10);
  uint32_t batch_events_max = 0;         // 0: the server's default
  EventFilter filter{};                  // only events that match
  std::optional<Timestamp> from_time{};  // recorded then or later; `after` beats it
  // The subscription ends behind this, or before the first event recorded at this time or later.
  std::optional<uint64_t> to{};
  std::optional<Timestamp> to_time{};
  SchemaView as_version{};
};

struct SubscriptionMessage {
  // kEnd: everything up to the end that was asked for was delivered.
  enum class Kind { kBatch, kCaughtUp, kFellBehind, kHeartbeat, kEnd };

  Kind kind = Kind::kHeartbeat;
  EventBatch batch;         // of kBatch
  uint64_t checkpoint = 0;  // resume with `after` = this
  Position head;
};

class Subscription {
 public:
  virtual ~Subscription() = default;

  // Blocks for the next message. An error is final, and so is kEnd.
  virtual absl::StatusOr<SubscriptionMessage> Next() = 0;

  // Next() returns kCancelled soon. From any thread.
  virtual void Cancel() = 0;
};

}  // namespace nexus::client
