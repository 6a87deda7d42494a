#pragma once

// What JetStream answers to a message.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

struct NatsAck {
  std::string stream;
  uint64_t sequence = 0;
  bool duplicate = false;  // it was there already, at this sequence
};

// Of the JSON of an answer. LIMIT_EXCEEDED and NOT_FOUND where the message itself is refused;
// kAborted where it was to come right behind another and does not; kUnavailable for all else, also
// for what is no answer at all.
absl::StatusOr<NatsAck> ParseAck(absl::string_view json);

}  // namespace nexus::sink
