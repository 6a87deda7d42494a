#pragma once

// The annotations `x-nexus-class` and `x-nexus-subject-key` of a compiled schema.

#include "absl/status/statusor.h"
#include "nexus/core/data_class.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

inline constexpr char kClassKeyword[] = "x-nexus-class";
inline constexpr char kSubjectKeyKeyword[] = "x-nexus-subject-key";

// What `object` says under these keywords. SCHEMA_INVALID, with a pointer that begins with
// `location`, if it is no class or no boolean.
absl::StatusOr<FieldClass> ReadFieldClass(JsonElement object, const std::string& location);

// Every way from the root to a value that is annotated. What only `not` says does not count. A way
// that comes back to a schema ends there, and the list is not complete.
ClassifiedFields ListClassifiedFields(const SchemaProgram& program);

}  // namespace nexus::schema
