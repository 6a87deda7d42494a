#pragma once

// JSON Schema, drafts 4, 6, 7, 2019-09 and 2020-12, by an evaluator of our own over simdjson's
// documents.
//
// What it does not do: the content keywords are annotations, as all drafts allow, and so is
// `format` unless it is asked for. References lead to the schemas of SchemaSource and to the
// metaschemas as a whole; nothing is ever fetched. Patterns are RE2's (no look-around, no
// back-reference). Keywords that a draft does not know are ignored, as it says. An object that
// names a property twice is refused (MALFORMED_JSON). docs/reference/json-schema.md has the
// details.

#include <cstddef>
#include <memory>

#include "nexus/port/schema_validator.h"
#include "schema/json/draft.h"

namespace nexus::schema {

struct JsonSchemaOptions {
  Draft default_draft = Draft::k2020_12;  // where a schema has no $schema
  // `format` is checked everywhere; otherwise only where a metaschema's vocabulary demands it.
  bool assert_formats = false;
  size_t json_depth_max = 64;     // of a document
  size_t schema_depth_max = 128;  // of a schema
  // Of a schema and all that it refers to: bytes, subschemas, different patterns.
  size_t schema_bytes_max = 4 << 20;
  size_t nodes_max = 50'000;
  size_t patterns_max = 1'000;
  size_t nesting_max = 512;      // schemas applied inside one another
  size_t steps_max = 5'000'000;  // schemas applied to one document
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
