#pragma once

// The Parsing Canonical Form of the specification: the schema without what does not matter to a
// reader of data, in one spelling. Types that come from references stand where they are first used.

#include <string>

#include "absl/status/statusor.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

// SCHEMA_INVALID if types nest deeper than `nesting_max`, which only references can make them.
absl::StatusOr<std::string> ParsingCanonicalForm(const AvroType& root, size_t nesting_max);

}  // namespace nexus::schema
