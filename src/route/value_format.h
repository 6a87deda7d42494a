#pragma once

// What a sink sends as the value of an event, where it need not be the data alone. Chosen for each
// route by whoever makes the sinks.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/event.h"
#include "nexus/port/sink.h"

namespace nexus::route {

// The value is `prefix` and the data behind it.
struct ValueFrame {
  std::string prefix;
  std::string content_type;                                       // of the whole value
  std::vector<std::pair<std::string, std::string>> headers = {};  // bytes, beside the attributes
  bool whole = false;      // `prefix` is all of it, a CloudEvent as JSON
  bool attributes = true;  // those of the CloudEvent go beside the value
};

// Thread-safe; must not block. An error that is not kUnavailable: the event has no value in this
// format. Empty: the data alone, with its content type.
using ValueFormat = std::function<absl::StatusOr<ValueFrame>(const RecordedEvent&)>;

// A CloudEvent in structured mode.
absl::StatusOr<ValueFrame> StructuredValue(const RecordedEvent& event);
// The data and nothing else.
absl::StatusOr<ValueFrame> RawValue(const RecordedEvent& event);

// Of an event in `format`, with its extension attributes where they belong into the value.
absl::StatusOr<ValueFrame> FrameFor(const ValueFormat& format, const OutboundEvent& outbound);

}  // namespace nexus::route
