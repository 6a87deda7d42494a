#pragma once

// The `default` of a schema: an annotation that no evaluation reads, and evolution does.

#include <optional>

#include "schema/json/schema_model.h"

namespace nexus::schema {

// What stands under `default` in `property`, or in what it refers to. It lives as long as `program`
// does. Whether the schema accepts it is not looked at.
std::optional<JsonElement> DefaultOf(const SchemaProgram& program, const Node& property);

}  // namespace nexus::schema
