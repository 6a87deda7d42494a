#pragma once

// Checks a page against what must be on it. An iterator that ends early with "OK" is a known way to
// lose events in silence, so nobody trusts a page before it was counted.

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "nexus/core/stream_name.h"

namespace nexus::follow {

// OK if `page` holds at least one event, begins at `next` (a revision of `stream`, or a position if
// there is none), has no hole, and shows nothing beyond its own head. DATA_LOSS otherwise.
absl::Status CheckPage(const EventBatch& page, const std::optional<StreamName>& stream,
                       uint64_t next);

// Events chosen from the positions `next` to `passed`: in order, none from elsewhere, and the page
// comes further.
absl::Status CheckChosenPage(const EventBatch& page, uint64_t next, uint64_t passed);

}  // namespace nexus::follow
