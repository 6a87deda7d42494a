#pragma once

// How short a datum of each type can be, and whether it can end at all.

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

// Sets `datum_bytes_min` of each type. SCHEMA_INVALID, with a pointer, if a datum of some type
// would have to hold another of the same type without an end (a record with a field of its own
// type), or if a union is empty. Linear in the size of the schema; no recursion.
absl::Status MeasureTypes(absl::Span<const std::unique_ptr<AvroType>> types);

}  // namespace nexus::schema
