#pragma once

// From bytes to a checked simdjson document. The only place that parses.
//
// A document is refused (MALFORMED_JSON) if it is not one JSON value, nests deeper than the limit,
// holds a number out of range, or an object that names a property twice: two readers could take
// two different values from it, so a rule checked on one would not hold for the other.

#include <simdjson.h>

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::schema {

using JsonElement = simdjson::dom::element;

// The parts of an element that is known to be an array or an object, by value: what the parser's
// own accessors give out dies with the temporary that holds it, which a range-for outlives.
inline simdjson::dom::array ItemsOf(JsonElement array) { return array.get_array().value_unsafe(); }
inline simdjson::dom::object MembersOf(JsonElement object) {
  return object.get_object().value_unsafe();
}

// A document that owns what its root refers to. Reading it is thread-safe.
class JsonDocument {
 public:
  static absl::StatusOr<std::unique_ptr<const JsonDocument>> Parse(absl::string_view text,
                                                                   size_t depth_max);
  // The same in no more memory than it needs, a tenth of what the parser takes: for what is kept.
  static absl::StatusOr<std::unique_ptr<const JsonDocument>> ParseToKeep(absl::string_view text,
                                                                         size_t depth_max);
  JsonElement root() const { return root_; }

 private:
  static absl::StatusOr<std::unique_ptr<JsonDocument>> Make(absl::string_view text,
                                                            size_t depth_max);

  simdjson::dom::document document_;
  JsonElement root_;
};

// Parses into memory of the calling thread, without an allocation for a document of usual size.
// While it lives, no other may be made on the same thread.
class TransientJson {
 public:
  static absl::StatusOr<TransientJson> Parse(absl::string_view text, size_t depth_max);
  JsonElement root() const { return root_; }

 private:
  std::unique_ptr<simdjson::dom::parser> own_;  // for a large document only
  JsonElement root_;
};

}  // namespace nexus::schema
