// An Avro schema and bytes: what is valid can be written as JSON, which can be read again; what is
// not is refused by every reader.

#include <string>

#include "fuzz/bounded_avro.h"
#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compiled_avro_schema.h"
#include "schema/json/json_document.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

void TryOnce(absl::string_view definition, absl::string_view data) {
  const auto compiled = AvroSchemaValidator(fuzz::BoundedAvro()).Compile(definition);
  if (!compiled.ok()) return;
  const auto& schema = dynamic_cast<const CompiledAvroSchema&>(**compiled);
  const auto violations = schema.Validate(data, 10);
  const auto json = schema.ToJson(data);
  if (!violations.ok()) {
    Require(ReasonOf(violations.status()) == ErrorReason::kLimitExceeded, "the work is bounded");
    return;
  }
  if (!violations->empty()) {
    Require(ReasonOf(json.status()) == ErrorReason::kSchemaViolation,
            "what is not valid has no JSON");
    return;
  }
  if (!json.ok()) {
    Require(ReasonOf(json.status()) == ErrorReason::kLimitExceeded, "what is valid has JSON");
    return;
  }
  Require(JsonDocument::Parse(*json, 1'000).ok(), "the JSON of a datum can be read", *json);
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [definition, datum] = nexus::fuzz::Split<2>(data, size);
  nexus::schema::TryOnce(definition, datum);
  return 0;
}
