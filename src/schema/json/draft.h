#pragma once

// The drafts of JSON Schema, and what a `$schema` can say beyond naming one.

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace nexus::schema {

// In the order of their publication. Bits, so that a keyword can name the drafts that have it.
enum class Draft : uint8_t { k4 = 1, k6 = 2, k7 = 4, k2019_09 = 8, k2020_12 = 16 };

constexpr bool IsSince(Draft draft, Draft first) {
  return static_cast<uint8_t>(draft) >= static_cast<uint8_t>(first);
}
// Whatever stands next to a $ref is ignored.
constexpr bool RefHidesSiblings(Draft draft) { return !IsSince(draft, Draft::k2019_09); }
// Anchors are written into the identifier, as "#name".
constexpr bool IdNamesPlaces(Draft draft) { return !IsSince(draft, Draft::k2019_09); }
constexpr absl::string_view IdKeyword(Draft draft) { return draft == Draft::k4 ? "id" : "$id"; }

// A draft, less what a metaschema of somebody's own leaves out of it.
struct Dialect {
  Draft draft = Draft::k2020_12;
  bool validates = true;         // the validation vocabulary
  bool asserts_formats = false;  // the format-assertion vocabulary
};

// The draft that a `$schema` names, or nothing if it is not a supported one.
std::optional<Draft> DraftOf(absl::string_view schema_uri);

// Whether `uri` (without fragment) is the metaschema of a supported draft.
std::optional<Draft> MetaschemaOf(absl::string_view uri);

}  // namespace nexus::schema
