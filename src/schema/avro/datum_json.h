#pragma once

// A datum as plain JSON, for whoever reads it without knowing Avro: policies, projections, people.
//
// Not Avro's own JSON encoding: the value of a union stands there without the name of its branch,
// bytes and fixed are base64, NaN and the infinities are strings. docs/reference/avro.md.

#include <string>

#include "absl/status/statusor.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/datum_path.h"

namespace nexus::schema {

// SCHEMA_VIOLATION, with what CheckDatum() would say, if `data` is not valid; LIMIT_EXCEEDED as
// there, and if the text grows beyond its limit. One line without white space.
absl::StatusOr<std::string> DatumToJson(const AvroSchema& schema, absl::string_view data,
                                        const DatumLimits& limits);

}  // namespace nexus::schema
