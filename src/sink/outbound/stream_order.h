#pragma once

// StreamOrder: keeps an event from going out after an earlier one of its stream has failed to.
//
// Whoever hands over learns of a failure while later events of that stream wait to be sent, and
// while the next may be on its way here, on another thread. Those that wait must not leave; the
// next is turned away, once: then everyone knows, and the stream comes again from the failed event
// on, or goes on behind it if that was given up.
//
// Not thread-safe.

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "nexus/core/position.h"

namespace nexus::sink {

class StreamOrder {
 public:
  using Ticket = uint64_t;  // ascends

  // `event` failed; `last` is the newest ticket that anything here has.
  void Failed(const RecordedEvent& event, Ticket last);

  // Whether `event` may come in. If not it has to be answered with Behind().
  bool MayEnter(const RecordedEvent& event);
  // Whether what came in with `ticket` may be sent, or has to be answered with Behind().
  bool MayLeave(const RecordedEvent& event, Ticket ticket) const;

  // kAborted.
  static absl::Status Behind();

  size_t size() const { return failures_.size(); }

 private:
  struct Failure {
    Position position;  // of the earliest that failed
    Ticket last;
    bool told = false;
  };

  absl::flat_hash_map<std::string, Failure> failures_;
};

}  // namespace nexus::sink
