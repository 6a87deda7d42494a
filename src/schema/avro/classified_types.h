#pragma once

#include "nexus/core/data_class.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

// Every way from the root to a field or a type that is annotated, by the names of fields; "*" is
// any item or value, and a union is no step. A way that comes back to a record ends there, and the
// list is not complete.
ClassifiedFields ListClassifiedFields(const AvroSchema& schema);

}  // namespace nexus::schema
