#pragma once

#include "schema/json/schema_model.h"

namespace nexus::schema {

// A node that leads back to itself without moving to another part of the instance: no evaluation of
// it would end. Null if there is none. Dynamic references are not followed; the evaluation bounds
// them.
const Node* FindReferenceLoop(const SchemaProgram& program);

}  // namespace nexus::schema
