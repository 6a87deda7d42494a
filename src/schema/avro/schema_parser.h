#pragma once

// From the text of an Avro schema (1.12) to its graph, or to the reason why it is not a schema.
// docs/reference/avro.md has the rules.

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "nexus/port/schema_source.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

struct AvroSchemaLimits {
  size_t definition_bytes_max = 512 << 10;  // of one definition; references have their own
  size_t json_depth_max = 128;              // of one definition
  size_t types_max = 20'000;                // uses of a primitive count too
  size_t nesting_max = 500;                 // types inside one another, through references
  size_t default_bytes_max = 1 << 20;       // all defaults of a schema, encoded
};

// SCHEMA_INVALID with one violation whose pointer leads into the definition, or into that of a
// reference, behind its name and '#'.
absl::StatusOr<std::shared_ptr<const AvroSchema>> ParseAvroSchema(const SchemaSource& source,
                                                                  const AvroSchemaLimits& limits);

}  // namespace nexus::schema
