#include "schema/avro/schema_parser.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/avro/datum_size.h"
#include "schema/avro/definition_reader.h"
#include "schema/avro/field_defaults.h"
#include "schema/avro/fingerprint.h"
#include "schema/avro/parsing_canonical_form.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

constexpr size_t kReferenceNameBytesMax = 256;

class SchemaParser {
 public:
  explicit SchemaParser(const AvroSchemaLimits& limits) : limits_(limits) {
    draft_.types_max = limits.types_max;
  }

  absl::StatusOr<std::shared_ptr<const AvroSchema>> Parse(const SchemaSource& source) {
    for (const SchemaReference& reference : source.references) {
      if (reference.name.size() > kReferenceNameBytesMax) {
        return SchemaInvalid({"", "name", "references with names of at most 256 bytes",
                              absl::StrCat(reference.name.size())});
      }
      const std::string origin = absl::StrCat(reference.name, "#");
      NEXUS_RETURN_IF_ERROR(ReadText(reference.definition, origin).status());
      if (draft_.named.contains(reference.name)) continue;
      return SchemaInvalid(
          {origin, "name", absl::StrCat("a definition of ", reference.name), "one of other types"});
    }
    auto schema = std::make_shared<AvroSchema>();
    NEXUS_ASSIGN_OR_RETURN(schema->root, ReadText(source.definition, ""));
    NEXUS_RETURN_IF_ERROR(MeasureTypes(draft_.types));
    NEXUS_RETURN_IF_ERROR(EncodeFieldDefaults(draft_, limits_.default_bytes_max));
    NEXUS_ASSIGN_OR_RETURN(schema->parsing_canonical_form,
                           ParsingCanonicalForm(*schema->root, limits_.nesting_max));
    schema->fingerprint = Crc64Avro(schema->parsing_canonical_form);
    schema->types = std::move(draft_.types);
    return schema;
  }

 private:
  absl::StatusOr<const AvroType*> ReadText(absl::string_view text, const std::string& origin) {
    if (text.size() > limits_.definition_bytes_max) {
      return SchemaInvalid({origin, "",
                            absl::StrCat("at most ", limits_.definition_bytes_max, " bytes"),
                            absl::StrCat(text.size())});
    }
    auto document = JsonDocument::Parse(text, limits_.json_depth_max);
    if (!document.ok()) return NotJson(document.status(), origin);
    documents_.push_back(*std::move(document));
    return ReadDefinition(documents_.back()->root(), origin, draft_);
  }

  static absl::Status NotJson(const absl::Status& status, const std::string& origin) {
    ErrorDetails details = DetailsOf(status);
    if (details.reason != ErrorReason::kMalformedJson) return status;
    details.reason = ErrorReason::kSchemaInvalid;
    Violation violation;
    violation.pointer = origin;
    for (const auto& [name, value] : details.metadata) {
      if (name == "pointer") violation.pointer += value;
    }
    violation.expected = "a JSON document";
    violation.actual = std::string(status.message());
    violation.message = absl::StrCat("not a valid schema: ", status.message());
    const std::string message = violation.message;
    details.violations.push_back(std::move(violation));
    return MakeError(message, details);
  }

  const AvroSchemaLimits limits_;
  std::vector<std::unique_ptr<const JsonDocument>> documents_;
  AvroSchemaDraft draft_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const AvroSchema>> ParseAvroSchema(const SchemaSource& source,
                                                                  const AvroSchemaLimits& limits) {
  return SchemaParser(limits).Parse(source);
}

}  // namespace nexus::schema
