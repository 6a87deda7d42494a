#pragma once

// Compiles a schema once, validates many events against it.

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"

namespace nexus {

// Immutable and thread-safe.
class CompiledSchema {
 public:
  virtual ~CompiledSchema() = default;

  // Up to `violations_max` violations of `data`; empty if it is valid. Their `field` is left empty
  // (the caller knows which event it was). MALFORMED_JSON, with the byte offset, if `data` is not
  // one JSON document, nests deeper than `depth_max` levels, or holds a number that neither int64,
  // uint64 nor a finite double can represent.
  virtual absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                          size_t violations_max) const = 0;
};

// Thread-safe.
class SchemaValidator {
 public:
  virtual ~SchemaValidator() = default;

  // SCHEMA_INVALID, with a pointer into the schema, if `schema` is not a schema of a supported
  // draft, uses a keyword that is not supported, a regular expression that RE2 refuses, or a
  // reference that leaves the document.
  virtual absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(
      absl::string_view schema) = 0;
};

}  // namespace nexus
