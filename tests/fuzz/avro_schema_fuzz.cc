// The parser of Avro schemas: any text is a schema or is refused with a reason, and both canonical
// forms of a schema are its own.

#include <string>

#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compiled_avro_schema.h"
#include "schema/avro/parsing_canonical_form.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

constexpr size_t kNestingMax = 128;

std::string FormOf(const CompiledSchema& schema) {
  const AvroSchema& avro = dynamic_cast<const CompiledAvroSchema&>(schema).schema();
  const auto form = ParsingCanonicalForm(*avro.root, kNestingMax);
  return form.ok() ? *form : "";
}

void TryOnce(absl::string_view definition) {
  AvroSchemaValidator validator;
  const auto schema = validator.Compile(definition);
  const auto canonical = validator.Canonical(definition);
  if (!schema.ok()) {
    Require(ReasonOf(schema.status()) == ErrorReason::kSchemaInvalid,
            "a schema is refused as one:", schema.status().message());
    return;
  }
  Require(canonical.ok(), "a schema has a canonical form");
  Require(validator.Compile(*canonical).ok(), "the canonical form compiles", *canonical);
  const std::string form = FormOf(**schema);
  if (form.empty()) return;
  const auto again = validator.Compile(form);
  Require(again.ok(), "the parsing canonical form compiles", form);
  Require(FormOf(**again) == form, "the parsing canonical form is its own", form);
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition] = nexus::fuzz::Split<1>(data, size);
  nexus::schema::TryOnce(definition);
  return 0;
}
