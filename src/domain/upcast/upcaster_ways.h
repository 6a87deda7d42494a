#pragma once

// Whether the declared steps of a domain lead anywhere.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "domain/domain_state.h"
#include "schema/event_way.h"

namespace nexus::domain {

// The upcaster that leads from `type` to its successor; null if it has none.
const UpcasterRecord* FindSuccessor(const DomainState& state, absl::string_view type);

// What of `state` and of the registered schemas `record` does not go with. SCHEMA_NOT_REGISTERED:
// a version that it takes or gives is not there. UNIMPLEMENTED: one of them is not JSON.
// MALFORMED_REQUEST: a second successor of its type, a version of the type that the successor
// leaves out, a circle. Each with the JSON pointer in the declaration.
absl::Status CheckUpcasterWay(const UpcasterRecord& record, const DomainState& state,
                              const schema::WayMap& schemas);

// MALFORMED_REQUEST: it decides upon a type that has a successor.
absl::Status CheckDecidedTypes(const AggregateRecord& record, const DomainState& state);

}  // namespace nexus::domain
