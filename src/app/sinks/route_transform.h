#pragma once

// The transform of a route, with its secret.

#include "absl/status/statusor.h"
#include "app/sinks/sink_settings.h"
#include "route/transform/transform.h"

namespace nexus::app {

// Null: the route has none. MALFORMED_REQUEST with the pointer if its secret cannot be read or is
// too short, or if it names a schema that was never registered or is none of JSON.
absl::StatusOr<route::TransformPtr> MakeTransform(const SinkSettings& with);

}  // namespace nexus::app
