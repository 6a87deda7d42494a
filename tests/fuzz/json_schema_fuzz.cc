// The compiler of JSON Schema: any text is a schema or is refused with a reason, and the canonical
// form of a schema is one.

#include <string>

#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "schema/json/json_schema_validator.h"

using nexus::ErrorReason;
using nexus::ReasonOf;
using nexus::fuzz::Require;
using nexus::schema::JsonSchemaValidator;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition] = nexus::fuzz::Split<1>(data, size);
  JsonSchemaValidator validator;
  const auto schema = validator.Compile(absl::string_view(definition));
  const auto canonical = validator.Canonical(definition);
  if (!schema.ok()) {
    Require(ReasonOf(schema.status()) == ErrorReason::kSchemaInvalid,
            "a schema is refused as one:", schema.status().message());
    return 0;
  }
  Require(canonical.ok(), "a schema has a canonical form");
  const auto again = validator.Compile(*canonical);
  Require(again.ok(), "the canonical form compiles", *canonical);
  const auto twice = validator.Canonical(*canonical);
  Require(twice.ok() && *twice == *canonical, "the canonical form is its own", *canonical);
  return 0;
}
