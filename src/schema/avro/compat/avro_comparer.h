#pragma once

// The SchemaComparer port for Avro: docs/reference/avro.md, docs/reference/compatibility.md.

#include "nexus/port/schema_comparer.h"
#include "schema/avro/resolution_plan.h"

namespace nexus::schema {

class AvroComparer : public SchemaComparer {
 public:
  // `limits` bound the comparison with one version.
  explicit AvroComparer(const ResolutionLimits& limits = {}) : limits_(limits) {}

  // As the port says; thread-safe. Schemas come from AvroSchemaValidator. The question is whether a
  // reader with the one schema can read all data of the other, by the resolution of the
  // specification; STRICT and LENIENT are the same.
  absl::StatusOr<CompatibilityVerdict> Compare(absl::Span<const EarlierSchema> earlier,
                                               const CompiledSchema& candidate,
                                               const CompatibilityRules& rules) override;

 private:
  const ResolutionLimits limits_;
};

}  // namespace nexus::schema
