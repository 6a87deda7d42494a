#pragma once

// Compiles a schema once, validates many events against it.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/data_class.h"
#include "nexus/core/errors.h"
#include "nexus/port/schema_source.h"

namespace nexus {

// The `keyword` of what DataFindings::undeclared holds.
inline constexpr char kUndeclaredKeyword[] = "undeclared";

// Data as a schema sees them.
struct DataFindings {
  std::vector<Violation> violations;
  // Fields of the data that the schema does not declare: docs/reference/undeclared-fields.md. They
  // break no rule of the schema; what becomes of them is a setting.
  std::vector<Violation> undeclared;
};

// Immutable and thread-safe.
class CompiledSchema {
 public:
  virtual ~CompiledSchema() = default;

  // Up to `violations_max` violations of `data`; empty if it is valid. Their `field` is left empty
  // (the caller knows which event it was). MALFORMED_JSON, with the byte offset, if a JSON schema's
  // `data` is not one JSON document, nests deeper than `depth_max` levels, or holds a number that
  // neither int64, uint64 nor a finite double can represent. Bytes that a binary format cannot read
  // are a violation, fields that the schema does not declare are none.
  virtual absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                          size_t violations_max) const = 0;

  // The same, and up to `undeclared_max` (at least one) fields that are not declared. Costs more. A
  // format whose data cannot have such fields finds none.
  virtual absl::StatusOr<DataFindings> Inspect(absl::string_view data, size_t violations_max,
                                               size_t /*undeclared_max*/) const {
    absl::StatusOr<std::vector<Violation>> violations = Validate(data, violations_max);
    if (!violations.ok()) return violations.status();
    return DataFindings{*std::move(violations), {}};
  }

  // All for which `data` are refused: the violations, and if `rejects_undeclared` the fields that
  // are not declared behind them; `max` (at least one) in all. Errors as Validate().
  absl::StatusOr<std::vector<Violation>> Refusals(absl::string_view data, bool rejects_undeclared,
                                                  size_t max) const {
    if (!rejects_undeclared) return Validate(data, max);
    absl::StatusOr<DataFindings> found = Inspect(data, max, max);
    if (!found.ok()) return found.status();
    std::vector<Violation> all = std::move(found->violations);
    for (Violation& undeclared : found->undeclared) {
      if (all.size() < max) all.push_back(std::move(undeclared));
    }
    return all;
  }

  // What a validator made: this, unless this only stands in for a schema until somebody needs it.
  // Lives as long as this does. SCHEMA_INVALID, DATA_LOSS if it turns out that there is none.
  virtual absl::StatusOr<const CompiledSchema*> Get() const { return this; }
  // The schema of data that were written with `writer`, another version of the same format, and are
  // read with this one: valid is what can be read. Null: the format reads by one schema, hence this
  // one. LIMIT_EXCEEDED if the two ask for too much.
  virtual absl::StatusOr<std::shared_ptr<const CompiledSchema>> Reading(
      const CompiledSchema& /*writer*/) const {
    return nullptr;
  }

  // The fields that the schema says a class of. Its own; lives as long as this does.
  virtual const ClassifiedFields& Classified() const {
    static const ClassifiedFields kNone;
    return kNone;
  }

  // Valid data as one JSON document, for whoever reads them without knowing the format.
  // SCHEMA_VIOLATION if they are not valid or have no such form; LIMIT_EXCEEDED if it grows too
  // long. UNIMPLEMENTED: data of this format are JSON already, or cannot be shown so.
  virtual absl::StatusOr<std::string> ToJson(absl::string_view /*data*/) const {
    return MakeError(ErrorReason::kUnimplemented, "the data cannot be shown as JSON");
  }

  // The schema in another written form that clients ask for by name: "serialized" of a Protobuf
  // file is its descriptor in base64, "text" its text. Empty: there is no such form.
  virtual std::string Rendered(absl::string_view /*form*/) const { return ""; }
};

// One format of schemas: JSON Schema, Avro, Protobuf. Thread-safe.
class SchemaValidator {
 public:
  virtual ~SchemaValidator() = default;

  // SCHEMA_INVALID, with a pointer into the schema or its line, if `source` is not a schema of this
  // format (of a supported draft), uses what is not supported, a regular expression that RE2
  // refuses, or refers to what `source.references` does not have. Bounded in time and memory.
  virtual absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(
      const SchemaSource& source) = 0;

  // One text for all definitions that mean the same to this format (white space, the order of keys,
  // comments). References are not looked at. SCHEMA_INVALID or MALFORMED_JSON if it cannot be read.
  virtual absl::StatusOr<std::string> Canonical(absl::string_view definition) = 0;
};

}  // namespace nexus
