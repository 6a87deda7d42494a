#pragma once

// The rules of the policy NEXUS about fields: what is new, gone, back, or of another type.
//
// A field is a property that a schema declares, wherever in the documents: "/lines/*/price". Rules
// look at declarations, not at what documents could be. Not thread-safe.

#include <map>
#include <string>
#include <vector>

#include "nexus/core/compatibility.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

struct Field {
  uint8_t kinds = 0;
  bool required = false;
  bool container = false;      // items or additional fields: no field of its own
  const Node* node = nullptr;  // the first that declares it
};

struct FieldTable {
  std::map<std::string, Field> fields;  // by path; "" is the document
  bool complete = true;                 // false: the schema has more than are looked at
};

FieldTable FieldsOf(const SchemaProgram& program);

// What `to` does with the fields of `from`, the version before it.
std::vector<CompatibilityFinding> CheckFields(const FieldTable& from, const FieldTable& to,
                                              const SchemaProgram& program,
                                              const CompatibilityFlags& flags);

// Fields of `to` that `earlier` had with another type and `latest` did not have.
std::vector<CompatibilityFinding> CheckReturns(const FieldTable& earlier, const FieldTable& latest,
                                               const FieldTable& to);

}  // namespace nexus::schema
