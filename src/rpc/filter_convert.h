#pragma once

// Filters of requests to values. Nothing is checked here.

#include "nexus/core/event_filter.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::rpc {

EventFilter ToFilter(const v1::EventFilter& filter);

}  // namespace nexus::rpc
