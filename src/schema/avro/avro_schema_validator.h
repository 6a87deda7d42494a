#pragma once

// Apache Avro 1.12 as a format of schemas: docs/reference/avro.md.

#include <memory>
#include <string>

#include "nexus/port/schema_validator.h"
#include "schema/avro/datum_path.h"
#include "schema/avro/schema_parser.h"

namespace nexus::schema {

struct AvroOptions {
  AvroSchemaLimits schema;
  DatumLimits datum;
};

class AvroSchemaValidator : public SchemaValidator {
 public:
  explicit AvroSchemaValidator(const AvroOptions& options = {}) : options_(options) {}

  // As the port says; gives CompiledAvroSchema. A reference is the definition of the named type
  // that it is called by. Validate() also gives LIMIT_EXCEEDED.
  absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(
      const SchemaSource& source) override;
  // JSON with sorted keys and without white space; every attribute stays.
  absl::StatusOr<std::string> Canonical(absl::string_view definition) override;

 private:
  const AvroOptions options_;
};

}  // namespace nexus::schema
