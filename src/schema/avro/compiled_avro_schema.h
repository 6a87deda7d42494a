#pragma once

// What AvroSchemaValidator::Compile() gives: a schema that can also be read, and data as JSON.
// Immutable and thread-safe.

#include <memory>
#include <string>
#include <utility>

#include "nexus/port/schema_validator.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/classified_types.h"
#include "schema/avro/datum_path.h"

namespace nexus::schema {

class CompiledAvroSchema : public CompiledSchema {
 public:
  CompiledAvroSchema(std::shared_ptr<const AvroSchema> schema, const DatumLimits& limits)
      : schema_(std::move(schema)), limits_(limits), classified_(ListClassifiedFields(*schema_)) {}

  // `data` is one datum in binary encoding, or that in single-object encoding. At most one
  // violation: nothing behind it can be read. One even if asked for none.
  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                  size_t violations_max) const override;
  // By the specification's resolution. `writer` must be a CompiledAvroSchema.
  absl::StatusOr<std::shared_ptr<const CompiledSchema>> Reading(
      const CompiledSchema& writer) const override;
  const ClassifiedFields& Classified() const override { return classified_; }
  // As DatumToJson().
  absl::StatusOr<std::string> ToJson(absl::string_view data) const override;

  const AvroSchema& schema() const { return *schema_; }
  // For a DatumResolver, which may outlive the version that it was made for.
  const std::shared_ptr<const AvroSchema>& shared_schema() const { return schema_; }

 private:
  const std::shared_ptr<const AvroSchema> schema_;
  const DatumLimits limits_;
  const ClassifiedFields classified_;
};

}  // namespace nexus::schema
