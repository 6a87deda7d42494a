#pragma once

#include <memory>

#include "schema/json/fast_program.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// What `node` means, behind nodes that are nothing but a reference, up to so many of them. A longer
// chain is left to be walked and meets the bound on nesting.
const Node& Followed(const Node& node);

// The jump table for alternatives of which each lists the strings that one and the same property
// may have, no string twice; null if they are not like that. `branches` are the same schemas.
std::unique_ptr<const FastSwitch> MakeSwitch(const NodeList& nodes, const FastList& branches);

}  // namespace nexus::schema
