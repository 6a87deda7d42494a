#pragma once

// HeldStreams: keeps an event from going to a new producer before an earlier one of its stream that
// the old one gave back.
//
// Whoever hands over learns of a failure while the next event of that stream may already be on its
// way here, on another thread. That event is given back too, once: then everyone knows.
//
// Not thread-safe.

#include <string>

#include "absl/container/flat_hash_map.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"

namespace nexus::sink {

class HeldStreams {
 public:
  // A fault of the sink gave `event` back; it will come again.
  void GaveBack(const RecordedEvent& event);

  // Whether `event` may go. If not, it has to be given back, and this knows of its stream no more.
  bool MayGo(const RecordedEvent& event);

  size_t size() const { return held_.size(); }

 private:
  // The earliest that was given back.
  absl::flat_hash_map<std::string, Position> held_;
};

}  // namespace nexus::sink
