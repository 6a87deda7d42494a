#pragma once

// An event as a message object, field by field: what the bytes of rpc/event_wire are compared with.

#include "nexus/core/event.h"
#include "nexus/v1/event.pb.h"

namespace nexus::rpc {

void FillEvent(const RecordedEvent& event, v1::Event& out);

}  // namespace nexus::rpc
