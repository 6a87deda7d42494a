#pragma once

// Who compiles, compares and evolves by the schemas of each format.

#include <array>
#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/schema_comparer.h"
#include "nexus/port/schema_evolver.h"
#include "nexus/port/schema_validator.h"

namespace nexus::schema {

// All must outlive whoever uses them.
struct SchemaLanguage {
  SchemaValidator* validator = nullptr;
  SchemaComparer* comparer = nullptr;
  SchemaEvolver* evolver = nullptr;  // null: data are given as they were stored
};

// Immutable once it is in use, hence thread-safe.
class SchemaLanguages {
 public:
  SchemaLanguages& Add(SchemaFormat format, SchemaValidator& validator, SchemaComparer& comparer,
                       SchemaEvolver* evolver = nullptr) {
    languages_[static_cast<size_t>(format)] = {&validator, &comparer, evolver};
    return *this;
  }

  // UNIMPLEMENTED if this server does not know the format.
  absl::StatusOr<SchemaLanguage> Find(SchemaFormat format) const {
    const size_t at = static_cast<size_t>(format);
    if (at < languages_.size() && languages_[at].validator != nullptr) return languages_[at];
    return MakeError(
        ErrorReason::kUnimplemented,
        absl::StrCat("this server does not know schemas of format ", SchemaFormatName(format)));
  }

 private:
  std::array<SchemaLanguage, 4> languages_ = {};
};

}  // namespace nexus::schema
