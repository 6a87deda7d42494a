#pragma once

// Judges a new version of a schema against earlier ones.

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "nexus/core/compatibility.h"
#include "nexus/port/schema_validator.h"

namespace nexus {

struct EarlierSchema {
  uint32_t version = 0;
  const CompiledSchema* schema = nullptr;  // borrowed for the call
};

// Thread-safe.
class SchemaComparer {
 public:
  virtual ~SchemaComparer() = default;

  // `earlier` has every version so far, oldest first; the rules choose among them. Sound: without a
  // finding, each document that was valid is valid (but for fields that nobody declared, where the
  // policy leaves them out). What cannot be decided is a finding. The work is bounded.
  // INTERNAL if a schema was not compiled by the validator that this comparer belongs to.
  virtual absl::StatusOr<CompatibilityVerdict> Compare(absl::Span<const EarlierSchema> earlier,
                                                       const CompiledSchema& candidate,
                                                       const CompatibilityRules& rules) = 0;
};

}  // namespace nexus
