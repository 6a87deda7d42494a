#pragma once

// Where an event goes that a sink will not take. It is written down durably before the checkpoint
// passes it, so that nothing is lost: acknowledged = delivered + dead-lettered + pending.
//
// Thread-safe.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/position.h"
#include "nexus/port/sink.h"
#include "route/declaration/route_declaration.h"

namespace nexus::route {

enum class LetterFate {
  kParked,   // its stream waits behind it
  kPassed,   // its stream went on
  kSkipped,  // a rule says that nobody has to look at it
};

struct DeadLetter {
  std::string route;
  std::string sink;
  OutboundEvent event;
  uint32_t attempts = 0;
  std::string error;
  ErrorClass error_class = ErrorClass::kOther;
  LetterFate fate = LetterFate::kParked;
};

// What a letter holds back for a route, or a single event.
struct OpenLane {
  std::string stream;
  Revision revision;  // of the event
  Position position;
  bool parked = true;  // the whole stream from there on; else this event alone
  bool retrying = false;
  Revision retry_from = {};
};

class DeadLetters {
 public:
  using Written = absl::AnyInvocable<void(absl::Status)>;

  virtual ~DeadLetters() = default;

  // `written` runs once, with OK only if the letter is durable; it must not block. Writing the same
  // route and event again writes nothing and is OK, unless somebody had it tried again meanwhile.
  virtual void Write(DeadLetter letter, Written written) = 0;

  // What is open for `route`. Letters of times before routes had names bear that of the sink. May
  // read from disk.
  virtual absl::StatusOr<std::vector<OpenLane>> Open(absl::string_view route,
                                                     absl::string_view sink) = 0;

  // A lane (LaneBook's name of it) that was to be tried again has caught up.
  virtual void Recovered(absl::string_view route, absl::string_view lane, Written written) = 0;
};

}  // namespace nexus::route
