#pragma once

// JSON Schema, drafts 7 and 2020-12, by an evaluator of our own over simdjson's documents.
//
// What it does not do: `format` and the content keywords are annotations, as both drafts allow.
// References stay inside the schema, except to the two metaschemas as a whole. Patterns are RE2's
// (no look-around, no back-reference). Keywords that a draft does not know are ignored, as it says.
// An object that names a property twice is refused (MALFORMED_JSON).
// docs/reference/json-schema.md has the details.

#include <cstddef>
#include <memory>

#include "nexus/port/schema_validator.h"

namespace nexus::schema {

struct JsonSchemaOptions {
  enum class DefaultDraft { k7, k2020_12 };

  DefaultDraft default_draft = DefaultDraft::k2020_12;  // where a schema has no $schema
  size_t json_depth_max = 64;                           // of a document
  size_t schema_depth_max = 128;                        // of a schema
  size_t nodes_max = 50'000;                            // subschemas in a schema
  size_t patterns_max = 1'000;                          // different patterns in a schema
  size_t nesting_max = 512;                             // schemas applied inside one another
  size_t steps_max = 5'000'000;                         // schemas applied to one document
};

class JsonSchemaValidator : public SchemaValidator {
 public:
  explicit JsonSchemaValidator(JsonSchemaOptions options = {}) : options_(options) {}

  // As the port says. Validate() also gives LIMIT_EXCEEDED where a schema makes more of a document
  // than `steps_max` or `nesting_max` allow, and reports one violation even if asked for none.
  absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(
      const SchemaSource& source) override;
  absl::StatusOr<std::string> Canonical(absl::string_view definition) override;

 private:
  const JsonSchemaOptions options_;
};

}  // namespace nexus::schema
