#pragma once

// The version that a reader asks for, from its message.

#include "absl/status/status.h"
#include "nexus/v1/event_store.pb.h"
#include "schema/schema_evolution.h"

namespace nexus::rpc {

// LIMIT_EXCEEDED, MALFORMED_REQUEST.
absl::Status ReadView(const v1::SchemaView& wanted, schema::SchemaView& view);

}  // namespace nexus::rpc
