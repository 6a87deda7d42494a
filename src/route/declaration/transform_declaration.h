#pragma once

// What a route leaves of an event's data, and what it adds: declared, not programmed.
// docs/reference/routes.md has the JSON form; docs/decisions/0014-declared-transforms.md says why.
//
// Pointers are those of RFC 6901 into the data as it is stored, and a segment '*' means each item
// of an array or each member of an object. Values; thread-safe as such.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"

namespace nexus::route {

inline constexpr size_t kTransformPointersMax = 256;
inline constexpr size_t kPointerSegmentsMax = 32;

struct TransformDeclaration {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  std::vector<std::string> require = {};  // must be there, or the event is refused
  std::vector<std::string> pick = {};     // only these are left; empty: all
  std::vector<std::string> drop = {};
  Pairs mask = {};                     // pointer and the text in place of the value
  std::vector<std::string> hash = {};  // become pseudonyms
  std::string secret = {};             // of the pseudonyms: the name of a file
  Pairs rename = {};                   // pointer of a member and its new name
  Pairs attributes = {};               // extension attributes of the CloudEvent
  std::string schema_type = {};        // what the data conforms to now; empty: nothing is said
  uint64_t schema_version = 0;

  friend bool operator==(const TransformDeclaration&, const TransformDeclaration&) = default;
};

// Strict, as ParseRoute(); `text` stands at "/transform".
absl::Status ParseTransform(const std::string& text, JsonReader& json, TransformDeclaration& out);

// Canonical.
std::string TransformText(const TransformDeclaration& transform);

// SHA-256 of that in hexadecimal: what events carry as `nexustransform`.
std::string TransformDigest(const TransformDeclaration& transform);

// "/a~1b/0" as {"a/b", "0"}. Nothing if it is no pointer.
bool ParsePointer(absl::string_view pointer, std::vector<std::string>& segments);

}  // namespace nexus::route
