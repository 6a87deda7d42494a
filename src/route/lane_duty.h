#pragma once

// What the lane book is told of an event that was handed over, and what it asks for then.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

enum class Outcome {
  kDelivered,
  kRefused,      // this event cannot be delivered as it is: costs an attempt
  kUnavailable,  // the whole sink failed: costs nothing
};

// What the owner has to do for a lane now.
struct LaneDuty {
  enum class Kind {
    kNone,
    kBackOff,     // wait, longer with each attempt, then call BackOffOver()
    kDeadLetter,  // write Front() down durably, then call DeadLettered()
  };

  Kind kind = Kind::kNone;
  std::string lane = {};
  uint32_t attempts = 0;
};

// What the owner has to do for a lane that is recovered: read its stream from `from` on and call
// Recover(), or, if that is done, write it down.
struct RecoveryDuty {
  std::string lane;
  bool done = false;
  Revision from;
};

// Why an event was refused, and what that asks for.
struct Refusal {
  absl::string_view error = {};
  ErrorClass error_class = ErrorClass::kOther;
  ErrorAction action = ErrorAction::kRetry;
};

}  // namespace nexus::route
