#pragma once

// What the drafts say about the form of each keyword's value, as a table.
//
// It serves three readers: the compiler, which refuses a malformed schema; the walk over all
// subschemas; and a "$ref" to a metaschema, for which this table is the metaschema.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "schema/json/draft.h"
#include "schema/json/json_document.h"

namespace nexus::schema {

// Why something is not a schema.
struct SchemaFault {
  std::string pointer;  // into what was checked
  std::string keyword;
  std::string expected;
  std::string actual;
};

// Looks at one schema's own keywords, not at its subschemas.
std::optional<SchemaFault> FindFormFault(JsonElement schema, Draft draft);

// Calls `visit` with the keyword, the pointer relative to `schema` and the value of each direct
// subschema. Values of the wrong form are passed over. Stops, and returns false, if `visit` does.
using SubschemaVisitor =
    absl::FunctionRef<bool(absl::string_view keyword, const std::string& pointer, JsonElement)>;
bool ForEachSubschema(JsonElement schema, Draft draft, SubschemaVisitor visit);

// FindFormFault() for a schema and everything below it. Recursion is bounded by the depth of the
// document.
std::optional<SchemaFault> FindMetaschemaFault(JsonElement schema, Draft draft);

}  // namespace nexus::schema
