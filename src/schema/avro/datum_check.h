#pragma once

// Whether bytes are one datum of a schema.

#include <optional>

#include "absl/status/statusor.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/datum_path.h"

namespace nexus::schema {

// What follows the header of single-object encoding, if `data` begins with that and the schema's
// own fingerprint; else `data`.
absl::string_view DatumIn(const AvroSchema& schema, absl::string_view data);

// What is wrong, or nothing. LIMIT_EXCEEDED if it holds more values than `limits` allow. Does not
// allocate for a valid datum, unless a map has more than 16 keys.
absl::StatusOr<std::optional<Violation>> CheckDatum(const AvroSchema& schema,
                                                    absl::string_view data,
                                                    const DatumLimits& limits);

// In single-object encoding of another schema, or with a fault: the violation to tell.
Violation ViolationOf(const AvroSchema& schema, absl::string_view data, const DatumFault& fault,
                      const DatumPath& path);
absl::Status DatumLimitExceeded(const DatumLimits& limits);
// SCHEMA_VIOLATION with this one.
absl::Status DatumRefused(Violation violation);

}  // namespace nexus::schema
