#pragma once

// Filters to proto messages.

#include "nexus/core/event_filter.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::client {

void FillFilter(const EventFilter& filter, v1::EventFilter& out);

}  // namespace nexus::client
