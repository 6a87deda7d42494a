#pragma once

// Fills one node with the rules of its schema object. References are left to the compiler.

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// Each distinct expression of a document is compiled once.
class PatternCache {
 public:
  explicit PatternCache(size_t patterns_max) : patterns_max_(patterns_max) {}

  // SCHEMA_INVALID at `location` if RE2 refuses the expression or there are too many.
  absl::StatusOr<std::shared_ptr<const Pattern>> Get(std::string_view source,
                                                     const std::string& location,
                                                     absl::string_view keyword);

 private:
  const size_t patterns_max_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Pattern>> patterns_;
};

// The node of a direct subschema, by its pointer relative to the parent ("/items", "/allOf/0").
using ChildLookup = absl::FunctionRef<const Node*(const std::string& pointer)>;

// `schema` is an object whose keywords have the right form for the draft.
absl::Status BuildNode(JsonElement schema, const Dialect& dialect, ChildLookup child,
                       PatternCache& patterns, Node& node);

}  // namespace nexus::schema
