#pragma once

// LagMeter: how late a route's events reach the sink because they wait for each other.
//
// What was acknowledged lately tells it, for each path of its own. Not the age of the oldest event
// that is not done with: that may be one which the sink refuses, and fewer appends would not help
// it. For the same reason the time that the sink takes for an event which it has to itself is left
// out, up to half of the promise; no pace makes a broker far away come nearer.
//
// A pure state machine: no clock. Not thread-safe.

#include <cstddef>
#include <optional>

#include "absl/time/time.h"
#include "nexus/core/position.h"

namespace nexus::route {

// From recorded to acknowledged: what docs/decisions/0003-dual-path-routing.md promises.
inline constexpr absl::Duration kCriticalPromise = absl::Milliseconds(500);
inline constexpr absl::Duration kStandardPromise = absl::Seconds(5);
// From so many times the promise on, it is broken.
inline constexpr double kReach = 2;

struct RouteLag {
  absl::Duration critical;  // infinite: what comes through is beyond reach
  absl::Duration standard;
};

// All times are of one monotonic clock.
class LagMeter {
 public:
  // An event goes to the sink, which has `in_flight` of this route then, with it.
  void HandedOver(Position position, bool critical, size_t in_flight, absl::Duration now);
  // The sink has said something about it, whatever it was. Once for each HandedOver().
  void Answered(bool critical, absl::Duration now);
  // It has it, `age` after it was recorded. Only of what was handed over once: an event that was
  // refused before is late by itself.
  void Delivered(Position position, bool critical, absl::Duration age, absl::Duration now);

  // Of what came since it was asked last, or before, if nothing did. `pending`: what the route has
  // to do still.
  RouteLag Lag(size_t pending, absl::Duration now);

 private:
  struct OnePath {
    size_t in_flight = 0;
    absl::Duration heard;  // when the sink said something, or got the first
    // Since the last look.
    size_t within = 0;
    size_t beyond = 0;
    absl::Duration worst;  // of those within reach
    // What the last look with something to see saw, and when.
    absl::Duration lag;
    absl::Duration seen;
  };

  absl::Duration LagOf(OnePath& path, absl::Duration promise, absl::Duration now) const;
  OnePath& Of(bool critical) { return critical ? critical_ : standard_; }

  OnePath critical_;
  OnePath standard_;
  std::optional<Position> alone_;  // the sink had nothing else when it got it
  absl::Duration alone_since_;
  absl::Duration service_;  // what the sink takes for one event
};

}  // namespace nexus::route
