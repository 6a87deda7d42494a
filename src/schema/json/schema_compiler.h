#pragma once

// From the text of a schema to a SchemaProgram, or to the reason why it is not a schema.

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "nexus/port/schema_source.h"
#include "schema/json/draft.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct CompileLimits {
  size_t schema_depth_max = 128;
  // The rest counts all documents together.
  size_t bytes_max = 4 << 20;
  size_t nodes_max = 50'000;
  size_t patterns_max = 1'000;
};

struct CompileDefaults {
  Draft draft = Draft::k2020_12;  // where there is no $schema
  bool assert_formats = false;    // else only where a metaschema demands it
};

// SCHEMA_INVALID with one violation whose pointer leads into the schema, or, behind "NAME#", into
// one that it refers to. `default_draft` holds where there is no $schema.
absl::StatusOr<std::unique_ptr<const SchemaProgram>> CompileSchema(const SchemaSource& source,
                                                                   const CompileDefaults& defaults,
                                                                   const CompileLimits& limits);

}  // namespace nexus::schema
