#pragma once

// Reading small JSON documents without naming who parses them.

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus {

// The value of a member or item: the text of a string, or anything else in its canonical form.
struct JsonMember {
  std::string text;
  bool is_string = false;
};

// Thread-safe. MALFORMED_JSON under the same conditions as CompiledSchema::Validate.
class JsonReader {
 public:
  virtual ~JsonReader() = default;

  // One line of text in which equal documents are equal: keys sorted bytewise, no white space,
  // numbers in their shortest form.
  virtual absl::StatusOr<std::string> Canonical(absl::string_view json) = 0;

  // The members of an object by name. MALFORMED_JSON also if `json` is not an object.
  virtual absl::StatusOr<absl::flat_hash_map<std::string, JsonMember>> ReadObject(
      absl::string_view json) = 0;

  // The items of an array, in order. MALFORMED_JSON also if `json` is not an array.
  virtual absl::StatusOr<std::vector<JsonMember>> ReadArray(absl::string_view json) = 0;

  // The value at a JSON pointer (RFC 6901). NOT_FOUND if there is none, MALFORMED_REQUEST if it is
  // no pointer.
  virtual absl::StatusOr<JsonMember> ReadAt(absl::string_view json, absl::string_view pointer) = 0;
};

}  // namespace nexus
