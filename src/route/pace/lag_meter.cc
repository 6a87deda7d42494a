#include "route/pace/lag_meter.h"

#include <algorithm>

namespace nexus::route {
namespace {

// A path on which nothing comes through for so long has nothing to tell; rare events must not make
// the pace come and go with each of them.
constexpr absl::Duration kRemembered = absl::Seconds(1);
constexpr double kServiceShareMax = 0.5;  // of the promise

}  // namespace

void LagMeter::HandedOver(Position position, bool critical, size_t in_flight, absl::Duration now) {
  OnePath& path = Of(critical);
  if (++path.in_flight == 1) path.heard = now;
  if (in_flight != 1) return;
  alone_ = position;
  alone_since_ = now;
}

void LagMeter::Answered(bool critical, absl::Duration now) {
  OnePath& path = Of(critical);
  --path.in_flight;
  path.heard = now;
}

void LagMeter::Delivered(Position position, bool critical, absl::Duration age, absl::Duration now) {
  // Who had the sink to itself says what it takes; the others, that it takes no longer than that.
  service_ = alone_ == position ? now - alone_since_ : std::min(service_, age);
  OnePath& path = Of(critical);
  if (age > (critical ? kCriticalPromise : kStandardPromise) * kReach) {
    ++path.beyond;
    return;
  }
  ++path.within;
  path.worst = std::max(path.worst, age);
}

RouteLag LagMeter::Lag(size_t pending, absl::Duration now) {
  if (pending == 0) {
    for (OnePath* path : {&critical_, &standard_}) {
      path->within = path->beyond = 0;
      path->worst = path->lag = absl::ZeroDuration();
    }
    return {};
  }
  return {LagOf(critical_, kCriticalPromise, now), LagOf(standard_, kStandardPromise, now)};
}

absl::Duration LagMeter::LagOf(OnePath& path, absl::Duration promise, absl::Duration now) const {
  if (path.within + path.beyond > 0) {
    // A few that are much later than the others come from a stream that was held up and catches up.
    path.lag = path.beyond > path.within ? absl::InfiniteDuration() : path.worst;
    path.seen = now;
    path.within = path.beyond = 0;
    path.worst = absl::ZeroDuration();
  } else if (now - path.seen > kRemembered) {
    path.lag = absl::ZeroDuration();
  }
  // A sink that says nothing makes what it has late.
  const absl::Duration silent = path.in_flight > 0 ? now - path.heard : absl::ZeroDuration();
  const absl::Duration lag = std::max(path.lag, silent);
  return std::max(absl::ZeroDuration(), lag - std::min(service_, promise * kServiceShareMax));
}

}  // namespace nexus::route
