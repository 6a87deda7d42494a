#pragma once

// Whether a stored event was governed, as its stamp says: who was admitted by which decision, and
// against which schema. What nobody governed is not delivered.

#include <functional>

#include "absl/status/status.h"
#include "nexus/core/event.h"
#include "schema/schema_catalog.h"

namespace nexus::app {

// Thread-safe. `schemas` must outlive what it gives.
std::function<absl::Status(const RecordedEvent&)> StampCheck(const schema::SchemaCatalog& schemas);

}  // namespace nexus::app
