#pragma once

// An upcaster: a step from one version of an event type to the next, or from a type to its
// successor. docs/reference/domains.md has the JSON form.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "domain/declaration_header.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

struct UpcasterDeclaration {
  std::string name;    // [a-z0-9-]+
  std::string script;  // a file of the package: a module with `upcast(event)`
  std::string type;    // of the events that it takes
  uint32_t from = 0;   // their version
  // What it gives: the next version of `type`, or the first of its successor.
  std::string to_type;
  uint32_t to = 0;

  friend bool operator==(const UpcasterDeclaration&, const UpcasterDeclaration&) = default;
};

// Reads the `spec` of a declaration of kUpcaster strictly. MALFORMED_REQUEST with the JSON pointer
// of what is wrong.
absl::StatusOr<UpcasterDeclaration> ParseUpcaster(const DeclarationHeader& header,
                                                  JsonReader& json);

}  // namespace nexus::domain
