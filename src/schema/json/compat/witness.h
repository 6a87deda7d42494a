#pragma once

// Small documents that one schema accepts and another refuses: what a finding looks like in data.
//
// The documents are made from the first schema: the least, one with every field, each value at and
// beside the limits of both schemas, each listed value, each type, fields that nobody declared.
// Every one that is shown has been validated by both schemas. None may be found.

#include <string>
#include <vector>

#include "nexus/core/errors.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct Witness {
  std::string document;  // JSON
  Violation violation;   // the first that the second schema has to tell
};

// Shortest first, at most one for each violation that differs in place or keyword.
std::vector<Witness> FindWitnesses(const SchemaProgram& accepts, const SchemaProgram& refuses);

}  // namespace nexus::schema
