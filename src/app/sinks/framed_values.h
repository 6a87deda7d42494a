#pragma once

// The formats of values that need the registry: Confluent's frames, as the configuration names
// them.

#include "absl/strings/string_view.h"
#include "route/value_format.h"
#include "schema/schema_catalog.h"

namespace nexus::app {

// `framing`: "confluent" (the id before the data), "confluent_header" (the GUID in the header
// `__value_schema_id`), anything else: the data alone. An event without a schema has no frame:
// SCHEMA_NOT_REGISTERED. `schemas` must outlive the format.
route::ValueFormat FramedValues(absl::string_view framing, const schema::SchemaCatalog& schemas);

}  // namespace nexus::app
