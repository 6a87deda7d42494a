#pragma once

// What every declaration begins with:
//
//   {"apiVersion": "nexus/v1", "kind": "Aggregate", "metadata": {"name": ..., "comment": ...},
//    "spec": {...}}

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/domain_package.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

inline constexpr size_t kDomainNameBytesMax = 63;

struct DeclarationHeader {
  Kind kind = Kind::kSchema;
  std::string name;
  std::string comment = {};
  std::string spec;  // canonical JSON of an object
};

// Strict. MALFORMED_REQUEST with the JSON pointer of what is wrong.
absl::StatusOr<DeclarationHeader> ParseHeader(absl::string_view text, JsonReader& json);

// [a-z0-9-]+, as routes and domains are called.
bool IsPlainName(absl::string_view name);

// What streams of a domain may begin with: not the server's, and no more than a category.
bool IsPlainCategory(absl::string_view category);

}  // namespace nexus::domain
