#pragma once

// What a client may put into an event filter.

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"
#include "nexus/core/event_filter.h"

namespace nexus::engine {

// Told of each thing that is wrong: the reason, the place in the request, and what is wrong there.
using FilterFault =
    absl::FunctionRef<void(ErrorReason reason, std::string field, std::string message)>;

// At most 64 items and 256 values, each of 1 to 255 bytes of UTF-8 without control characters.
// `field` names the filter in the request. False if something is wrong.
bool CheckFilter(const EventFilter& filter, absl::string_view field, FilterFault fault);

// The same as one error that lists all faults.
absl::Status CheckFilter(const EventFilter& filter, absl::string_view field);

// Besides, each item names a type, tag, category or correlation id, or is empty: what an index can
// answer. Append conditions have to be like this.
bool CheckIndexableFilter(const EventFilter& filter, absl::string_view field, FilterFault fault);

}  // namespace nexus::engine
