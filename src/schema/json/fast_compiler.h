#pragma once

#include <memory>

#include "schema/json/fast_program.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// The same schema for the fast evaluation; null where that has nothing to offer, because dynamic
// references lead to places that only the exhaustive one keeps in view. `program` must outlive it.
std::unique_ptr<const FastProgram> CompileFast(const SchemaProgram& program);

}  // namespace nexus::schema
