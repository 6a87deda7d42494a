#pragma once

// Where the router delivers: one broker, one address. The router knows this and no vendor.
//
// Thread-safe, except that Deliver() calls for one sink come from one thread at a time, in the
// order in which the messages shall arrive.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"

namespace nexus {

struct OutboundEvent {
  const RecordedEvent* event = nullptr;
  std::shared_ptr<const EventBatch> batch;  // keeps `event` and its views alive
  double score = 0;                         // criticality, 0 to 1
  bool critical = false;
  uint64_t rules = 0;          // version of the classification that says so
  absl::string_view key = {};  // what the broker keeps together; a view into `event`
  // Extension attributes that the CloudEvent has beside its own; `batch` keeps them alive.
  absl::Span<const std::pair<std::string, std::string>> attributes = {};
};

// Where a broker keeps a message, in its own terms: topic, partition and offset, or the name and
// sequence of a stream. What a broker does not tell is empty or negative.
struct Coordinate {
  absl::string_view place;  // valid during the call that brings it
  int32_t partition = -1;
  int64_t number = -1;
};

class Sink {
 public:
  // A coordinate: the broker has it. kUnavailable: a fault of the whole sink (network, throttling,
  // leader change), try again, it costs the event no attempt. kAborted: an earlier event of its
  // stream did not get there, and it must not overtake that one; it comes again behind it and costs
  // nothing. Anything else: this event cannot be delivered as it is. The reason says why:
  // LIMIT_EXCEEDED, larger than the broker takes; NOT_FOUND, nobody would get it; ACCESS_DENIED,
  // the credentials do not reach its destination; MALFORMED_REQUEST, the broker does not take it in
  // this form; SCHEMA_VIOLATION and SCHEMA_NOT_REGISTERED, no message could be made of it and no
  // try will change that.
  using Delivered = absl::AnyInvocable<void(absl::StatusOr<Coordinate>)>;

  virtual ~Sink() = default;

  // Stable: names the checkpoint. [a-z0-9-]+
  virtual absl::string_view Name() const = 0;

  // How many events of one stream it may have on their way. Where a broker may refuse one and take
  // the next, only 1 keeps the order; whoever calls Deliver() goes by it, and asks before each
  // call: it may change with what the broker does.
  virtual size_t PerStreamMax() const { return std::numeric_limits<size_t>::max(); }
  // Whether a second event of a stream may be on its way only right behind the first, with none of
  // another stream handed over in between: the broker can then be told to refuse it if it refused
  // the first. Constant.
  virtual bool OnlyInRuns() const { return false; }

  // Hands over one event. `done` runs exactly once, on a thread of the sink or inside this call,
  // in any order across events; a message may have arrived although `done` says otherwise.
  virtual void Deliver(OutboundEvent event, Delivered done) = 0;

  // Pushes out what is buffered; returns when all `done`s ran or `timeout` passed (then with
  // kDeadlineExceeded, and the rest are answered with kUnavailable).
  virtual absl::Status Flush(absl::Duration timeout) = 0;

  // OK, or why events do not flow.
  virtual absl::Status Health() = 0;
};

}  // namespace nexus
