#pragma once

// The rules of the policy NEXUS about what an Avro schema declares: fields, types and names.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/compatibility.h"
#include "schema/avro/avro_schema.h"

namespace nexus::schema {

// What `to` does with the declarations of `from`, the version before it. UNDECIDED among the
// findings if more than `pairs_max` pairs of types would have to be looked at.
std::vector<CompatibilityFinding> CheckDeclarations(const AvroSchema& from, const AvroSchema& to,
                                                    const CompatibilityFlags& flags,
                                                    size_t pairs_max);

// The type of every field, by the full name of its record and its own name.
struct DeclaredField {
  std::string type;
  std::string pointer;
};
using DeclaredFields = std::map<std::pair<std::string, std::string>, DeclaredField>;
DeclaredFields FieldsOf(const AvroSchema& schema);

// Fields of `to` that `earlier` had with another type and `latest` did not have.
std::vector<CompatibilityFinding> CheckReturns(const DeclaredFields& earlier,
                                               const DeclaredFields& latest,
                                               const DeclaredFields& to);

}  // namespace nexus::schema
