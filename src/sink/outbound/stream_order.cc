#include "sink/outbound/stream_order.h"

namespace nexus::sink {
namespace {

// Beyond it all are forgotten: a stream whose route was changed meanwhile may never come again.
constexpr size_t kFailuresMax = 100'000;

}  // namespace

void StreamOrder::Failed(const RecordedEvent& event, Ticket last) {
  if (failures_.size() >= kFailuresMax) failures_.clear();
  const auto [failure, is_new] = failures_.try_emplace(event.stream, Failure{event.position, last});
  if (!is_new && event.position < failure->second.position) {
    failure->second = {event.position, last};
  }
}

bool StreamOrder::MayEnter(const RecordedEvent& event) {
  if (failures_.empty()) return true;
  const auto failure = failures_.find(event.stream);
  if (failure == failures_.end()) return true;
  // One that its stream has passed long ago, and that somebody sends again, says nothing.
  if (event.position < failure->second.position) return true;
  const bool may = failure->second.told || event.position == failure->second.position;
  if (may) {
    failures_.erase(failure);
  } else {
    failure->second.told = true;
  }
  return may;
}

bool StreamOrder::MayLeave(const RecordedEvent& event, Ticket ticket) const {
  if (failures_.empty()) return true;
  const auto failure = failures_.find(event.stream);
  return failure == failures_.end() || ticket > failure->second.last;
}

absl::Status StreamOrder::Behind() {
  return absl::AbortedError("an earlier event of its stream failed; it comes again behind that");
}

}  // namespace nexus::sink
