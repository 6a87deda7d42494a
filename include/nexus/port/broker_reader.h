#pragma once

// Reading back what a broker holds of a topic or stream, to compare it with the log: never as a
// consumer whose place the broker remembers, and without taking anything away.
//
// Not thread-safe. Calls may block for the time that they are given.

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus {

// Views are valid during the call that brings them.
struct BrokerRecord {
  int32_t partition = -1;  // as in EgressRow
  int64_t number = -1;
  // What the record says of itself. Nil and 0 where it bears no event.
  EventId id;
  Position position;
  Revision revision;
  absl::string_view stream;
};

// Numbers from `first` on and below `end`.
struct BrokerPart {
  int32_t partition = -1;
  int64_t first = 0;
  int64_t end = 0;

  friend bool operator==(const BrokerPart&, const BrokerPart&) = default;
};

class BrokerReader {
 public:
  using Take = absl::FunctionRef<void(const BrokerRecord&)>;

  virtual ~BrokerReader() = default;

  // As Coordinate::place has it: the topic, the stream.
  virtual absl::string_view Place() const = 0;

  // What is there now. kUnavailable if the broker does not say so within `timeout`.
  virtual absl::StatusOr<std::vector<BrokerPart>> Parts(absl::Duration timeout) = 0;

  // Begins to read these, which lie within Parts(). Once.
  virtual absl::Status Begin(const std::vector<BrokerPart>& parts) = 0;

  // Gives what comes within `wait`, ascending within each partition. True: all was read. A number
  // that the broker has no longer, or never had, is passed over.
  virtual absl::StatusOr<bool> Read(absl::Duration wait, Take take) = 0;
};

}  // namespace nexus
