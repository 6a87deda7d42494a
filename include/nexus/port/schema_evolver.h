#pragma once

// Turns data of one version of a schema into data of another, by what the two schemas say: the
// derived step of evolution on read.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/schema_validator.h"

namespace nexus {

// Of one format. Thread-safe.
class SchemaEvolver {
 public:
  virtual ~SchemaEvolver() = default;

  // `data` is valid under `from`. Fields that only `to` has get their default, fields that only
  // `from` has go. Whether `to` accepts what comes out is for the caller to ask. SCHEMA_VIOLATION
  // if nothing can come out; INTERNAL if a schema is of another format.
  virtual absl::StatusOr<std::string> Evolve(absl::string_view data, const CompiledSchema& from,
                                             const CompiledSchema& to) = 0;
};

}  // namespace nexus
