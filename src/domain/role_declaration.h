#pragma once

// A role of a domain. docs/reference/domains.md has the JSON form.

#include <string>

#include "absl/status/statusor.h"
#include "domain/declaration_header.h"
#include "identity/operation.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

struct RoleDeclaration {
  std::string name;
  std::string comment;
  identity::OperationSet operations;
  bool system_streams = false;
};

// Reads the `spec` of a declaration of kRole strictly. MALFORMED_REQUEST with the JSON pointer of
// what is wrong.
absl::StatusOr<RoleDeclaration> ParseRole(const DeclarationHeader& header, JsonReader& json);

}  // namespace nexus::domain
