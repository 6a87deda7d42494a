#pragma once

// A schema of a domain: the newest version of a type, and the ones before it.
// docs/reference/domains.md has the JSON form.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/declaration_header.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

struct SchemaDeclaration {
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::string file;        // of the package; empty: `definition` has it
  std::string definition;  // canonical JSON
  // Files of versions 1, 2 and so on, which `file` follows.
  std::vector<std::string> earlier;
};

// Reads the `spec` of a declaration of kSchema strictly. MALFORMED_REQUEST with the JSON pointer of
// what is wrong.
absl::StatusOr<SchemaDeclaration> ParseSchema(const DeclarationHeader& header, JsonReader& json);

}  // namespace nexus::domain
