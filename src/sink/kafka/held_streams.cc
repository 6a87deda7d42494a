#include "sink/kafka/held_streams.h"

namespace nexus::sink {
namespace {

// Beyond it all are forgotten: a stream whose route was changed meanwhile may never come again.
constexpr size_t kStreamsMax = 100'000;

}  // namespace

void HeldStreams::GaveBack(const RecordedEvent& event) {
  if (held_.size() >= kStreamsMax) held_.clear();
  const auto [held, is_new] = held_.try_emplace(event.stream, event.position);
  if (!is_new && event.position < held->second) held->second = event.position;
}

bool HeldStreams::MayGo(const RecordedEvent& event) {
  if (held_.empty()) return true;
  const auto held = held_.find(event.stream);
  if (held == held_.end()) return true;
  const bool comes_again = event.position <= held->second;
  held_.erase(held);
  return comes_again;
}

}  // namespace nexus::sink
