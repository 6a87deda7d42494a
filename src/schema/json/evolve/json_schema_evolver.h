#pragma once

// The SchemaEvolver port for JSON Schema.
//
// Walks a document by both schemas at once. A member that some schema of the earlier version
// declares and none of the later one does is dropped; a property that only the later version
// declares, and that is absent, gets its `default`. Defaults come from the schemas that apply for
// certain: through `$ref` and `allOf`, through the branches of a union that accept the value or
// whose constants it has, through `if` where it decides. Documents in which nothing changes come
// back byte for byte; others as compact JSON.

#include "nexus/port/schema_evolver.h"
#include "schema/json/evaluator.h"

namespace nexus::schema {

class JsonSchemaEvolver : public SchemaEvolver {
 public:
  explicit JsonSchemaEvolver(size_t json_depth_max = 64, const EvaluationLimits& limits = {})
      : json_depth_max_(json_depth_max), limits_(limits) {}

  // As the port says. MALFORMED_JSON if `data` is not JSON, LIMIT_EXCEEDED if it is too much work.
  absl::StatusOr<std::string> Evolve(absl::string_view data, const CompiledSchema& from,
                                     const CompiledSchema& to) override;

 private:
  const size_t json_depth_max_;
  const EvaluationLimits limits_;
};

}  // namespace nexus::schema
