#pragma once

// What JsonSchemaValidator::Compile() gives: a schema that can also be read, rule by rule.
// Immutable and thread-safe.

#include <cstddef>
#include <memory>
#include <utility>

#include "nexus/port/schema_validator.h"
#include "schema/json/classified_fields.h"
#include "schema/json/evaluator.h"
#include "schema/json/fast_compiler.h"
#include "schema/json/fast_run.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class CompiledJsonSchema : public CompiledSchema {
 public:
  CompiledJsonSchema(std::unique_ptr<const SchemaProgram> program, size_t depth_max,
                     const EvaluationLimits& limits)
      : program_(std::move(program)),
        fast_(CompileFast(*program_)),
        classified_(ListClassifiedFields(*program_)),
        depth_max_(depth_max),
        limits_(limits) {}

  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                  size_t violations_max) const override;
  absl::StatusOr<DataFindings> Inspect(absl::string_view data, size_t violations_max,
                                       size_t undeclared_max) const override;
  const ClassifiedFields& Classified() const override { return classified_; }
  // What the fast evaluation says: true where `root` is valid. False is not yet a verdict.
  bool AcceptsFast(JsonElement root) const {
    return fast_ != nullptr && FastRun(*program_, limits_, root).Accepts(*fast_);
  }
  // What the exhaustive evaluation says, as Evaluator::Run().
  absl::StatusOr<std::vector<Violation>> Judge(JsonElement root, size_t violations_max) const {
    return Evaluator(*program_, limits_).Run(root, violations_max);
  }
  // The members of a document that no schema declares, by the exhaustive evaluation, with
  // its verdict; and by the fast one, of a document that AcceptsFast().
  absl::StatusOr<DataFindings> InspectExhaustively(JsonElement root, size_t violations_max,
                                                   size_t undeclared_max) const;
  absl::StatusOr<std::vector<Violation>> UndeclaredFast(JsonElement root,
                                                        size_t undeclared_max) const;
  bool has_fast() const { return fast_ != nullptr; }
  const SchemaProgram& program() const { return *program_; }

 private:
  const std::unique_ptr<const SchemaProgram> program_;
  const std::unique_ptr<const FastProgram> fast_;
  const ClassifiedFields classified_;
  const size_t depth_max_;
  const EvaluationLimits limits_;
};

}  // namespace nexus::schema
