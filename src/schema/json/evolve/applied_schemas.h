#pragma once

// Which schemas of a program apply to one value for certain.
//
// Not thread-safe; for one document.

#include <cstddef>
#include <string_view>

#include "schema/json/evaluator.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class AppliedSchemas {
 public:
  AppliedSchemas(const SchemaProgram& program, const EvaluationLimits& limits)
      : evaluator_(program, limits) {}

  // `start` and all that apply with them to `value`, in place.
  NodeList Of(const NodeList& start, JsonElement value);

  // Whether there was more to look at than the limits allow; then what was told is not all.
  bool exhausted() const { return evaluator_.aborted(); }

 private:
  // The branch of a union that the value is meant for, if that can be told.
  void AddBranches(const NodeList& branches, JsonElement value, NodeList& waiting);

  Evaluator evaluator_;
};

// What the schemas in `applied` say about a member of the object, and about an item of the array.
NodeList SchemasOfMember(const NodeList& applied, std::string_view name);
NodeList SchemasOfItem(const NodeList& applied, size_t index);

}  // namespace nexus::schema
