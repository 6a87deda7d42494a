#pragma once

#include "absl/status/status.h"
#include "schema/json/schema_keywords.h"

namespace nexus::schema {

// SCHEMA_INVALID that names the place, what belongs there and what is there.
absl::Status SchemaInvalid(const SchemaFault& fault);

}  // namespace nexus::schema
