#pragma once

// From the text of a schema to a SchemaProgram, or to the reason why it is not a schema.

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "schema/json/schema_keywords.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct CompileLimits {
  size_t schema_depth_max = 128;
  size_t nodes_max = 50'000;
  size_t patterns_max = 1'000;
};

// SCHEMA_INVALID with one violation whose pointer leads into the schema. `default_draft` holds
// where there is no $schema.
absl::StatusOr<std::unique_ptr<const SchemaProgram>> CompileSchema(absl::string_view text,
                                                                   Draft default_draft,
                                                                   const CompileLimits& limits);

}  // namespace nexus::schema
