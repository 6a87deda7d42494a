#pragma once

// The SchemaComparer port for JSON Schema: docs/reference/compatibility.md.

#include "nexus/port/schema_comparer.h"
#include "schema/json/compat/subset_check.h"

namespace nexus::schema {

class JsonSchemaComparer : public SchemaComparer {
 public:
  // `limits` bound the comparison with one version.
  explicit JsonSchemaComparer(SubsetLimits limits = {}) : limits_(limits) {}

  // As the port says; thread-safe. Schemas come from JsonSchemaValidator.
  absl::StatusOr<CompatibilityVerdict> Compare(absl::Span<const EarlierSchema> earlier,
                                               const CompiledSchema& candidate,
                                               const CompatibilityRules& rules) override;

 private:
  const SubsetLimits limits_;
};

}  // namespace nexus::schema
