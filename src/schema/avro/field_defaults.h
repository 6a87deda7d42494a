#pragma once

// Checks the defaults of fields and encodes them.

#include "absl/status/status.h"
#include "schema/avro/definition_reader.h"

namespace nexus::schema {

// Sets `default_datum` of every field that has a default. SCHEMA_INVALID if one does not fit the
// type of its field, or if together they take more than `bytes_max`.
//
// For a union the first branch that the default fits is taken, whichever it is. A default of a
// record may leave out fields that have a default of their own.
absl::Status EncodeFieldDefaults(AvroSchemaDraft& draft, size_t bytes_max);

}  // namespace nexus::schema
