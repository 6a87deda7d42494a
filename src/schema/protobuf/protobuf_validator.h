#pragma once

// The SchemaValidator port for Protobuf (proto2 and proto3), by libprotobuf's parser and
// descriptors and a check of wire bytes of our own. docs/reference/protobuf.md has the details.

#include <memory>
#include <string>

#include "nexus/port/schema_validator.h"
#include "schema/protobuf/protobuf_options.h"

namespace nexus::schema {

class ProtobufValidator : public SchemaValidator {
 public:
  explicit ProtobufValidator(ProtobufOptions options = {}) : options_(options) {}

  // As the port says. What it gives is a CompiledProtobufSchema.
  absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(
      const SchemaSource& source) override;
  absl::StatusOr<std::string> Canonical(absl::string_view definition) override;

 private:
  const ProtobufOptions options_;
};

}  // namespace nexus::schema
