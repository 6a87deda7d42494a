#pragma once

// Where a time cuts a stream. Reads from disk.

#include <cstdint>

#include "absl/status/statusor.h"
#include "nexus/core/position.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"

namespace nexus::follow {

// The first revision whose event stands at `position` or behind it, among the first `events` of the
// stream; `events` if none does.
absl::StatusOr<uint64_t> FirstRevisionFrom(EventReader& reader, const StreamName& stream,
                                           uint64_t events, Position position);

// The same by recorded time.
absl::StatusOr<uint64_t> FirstRevisionAt(EventReader& reader, const StreamName& stream,
                                         uint64_t events, Timestamp time);

}  // namespace nexus::follow
