#include "schema/avro/avro_schema_validator.h"

#include <optional>
#include <utility>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/compiled_avro_schema.h"
#include "schema/avro/datum_check.h"
#include "schema/avro/datum_json.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {

absl::StatusOr<std::vector<Violation>> CompiledAvroSchema::Validate(absl::string_view data,
                                                                    size_t) const {
  NEXUS_ASSIGN_OR_RETURN(std::optional<Violation> violation, CheckDatum(*schema_, data, limits_));
  std::vector<Violation> violations;
  if (violation) violations.push_back(*std::move(violation));
  return violations;
}

absl::StatusOr<std::string> CompiledAvroSchema::ToJson(absl::string_view data) const {
  return DatumToJson(*schema_, data, limits_);
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> AvroSchemaValidator::Compile(
    const SchemaSource& source) {
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const AvroSchema> schema,
                         ParseAvroSchema(source, options_.schema));
  return std::make_shared<const CompiledAvroSchema>(std::move(schema), options_.datum);
}

absl::StatusOr<std::string> AvroSchemaValidator::Canonical(absl::string_view definition) {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson json,
                         TransientJson::Parse(definition, options_.schema.json_depth_max));
  const JsonElement root = json.root();
  if (!root.is_string() && !root.is_array() && !root.is_object()) {
    return SchemaInvalid(
        {"", "type", "the name of a type, an object or an array", DescribeJson(root)});
  }
  return CanonicalJson(root);
}

}  // namespace nexus::schema
