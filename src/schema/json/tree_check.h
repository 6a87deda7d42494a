#pragma once

// What the parser lets pass and Nexus does not: an object that names a property twice, and an empty
// container one level too deep.

#include <cstddef>
#include <cstdint>
#include <string>

#include "schema/json/json_document.h"

namespace nexus::schema {

struct TreeFault {
  enum class Kind : uint8_t { kNone, kTwice, kTooDeep };

  Kind kind = Kind::kNone;
  std::string pointer;  // to the property that is there twice
};

// The first of them. About linear in the document, whatever its names are.
TreeFault FindTreeFault(JsonElement root, size_t depth_max);

}  // namespace nexus::schema
