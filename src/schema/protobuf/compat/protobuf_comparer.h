#pragma once

// The SchemaComparer port for Protobuf: docs/reference/protobuf.md.

#include "nexus/port/schema_comparer.h"

namespace nexus::schema {

class ProtobufComparer : public SchemaComparer {
 public:
  // As the port says; thread-safe. Schemas come from ProtobufValidator. The work is linear in the
  // size of the versions.
  absl::StatusOr<CompatibilityVerdict> Compare(absl::Span<const EarlierSchema> earlier,
                                               const CompiledSchema& candidate,
                                               const CompatibilityRules& rules) override;
};

}  // namespace nexus::schema
