#include "command/turn_pace.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

// Sooner it is no other moment.
constexpr absl::Duration kRetryAfterMin = absl::Milliseconds(1);

}  // namespace

void SharedPace::Add(absl::Duration took, absl::Duration now) {
  pace_ = At(now - took);
  pace_.Add(std::min(took, kTurnMax));
  last_end_ = now;
}

TurnPace SharedPace::At(absl::Duration now) const {
  return now - last_end_ > TurnPace::kPause ? TurnPace() : pace_;
}

absl::Duration TurnQueue::ExpectedWait() const {
  return spent + pace.each() * static_cast<int64_t>(waiting) + std::max(pace.each(), under_way);
}

absl::Status CheckWait(absl::string_view stream, const TurnQueue& queue, absl::Duration wait_max) {
  if (queue.waiting < kWaitersMin) return absl::OkStatus();
  const absl::Duration expected = queue.ExpectedWait();
  if (expected <= wait_max) return absl::OkStatus();
  return MakeError(
      ErrorReason::kOverloaded,
      absl::StrCat(queue.waiting, " commands wait for ", stream, ", which would take about ",
                   absl::ToInt64Milliseconds(expected), " ms (command.wait_max_ms is ",
                   absl::ToInt64Milliseconds(wait_max), "); nothing was done"),
      std::max(expected - wait_max, kRetryAfterMin));
}

}  // namespace nexus::command
