#include "schema/json/json_schema_validator.h"

#include <algorithm>
#include <utility>

#include "nexus/core/status_macros.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/declared_members.h"
#include "schema/json/fast_declared.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_compiler.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::schema {
absl::StatusOr<std::vector<Violation>> CompiledJsonSchema::Validate(absl::string_view data,
                                                                    size_t violations_max) const {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson json, TransientJson::Parse(data, depth_max_));
  // Nearly all documents are valid: the exhaustive evaluation is for telling why one is not.
  if (AcceptsFast(json.root())) return std::vector<Violation>();
  return Judge(json.root(), violations_max);
}

absl::StatusOr<DataFindings> CompiledJsonSchema::Inspect(absl::string_view data,
                                                         size_t violations_max,
                                                         size_t undeclared_max) const {
  NEXUS_ASSIGN_OR_RETURN(const TransientJson json, TransientJson::Parse(data, depth_max_));
  if (!AcceptsFast(json.root())) {
    return InspectExhaustively(json.root(), violations_max, undeclared_max);
  }
  DataFindings findings;
  NEXUS_ASSIGN_OR_RETURN(findings.undeclared, UndeclaredFast(json.root(), undeclared_max));
  return findings;
}

absl::StatusOr<DataFindings> CompiledJsonSchema::InspectExhaustively(JsonElement root,
                                                                     size_t violations_max,
                                                                     size_t undeclared_max) const {
  DeclaredMembers members;
  Evaluator evaluator(*program_, limits_);
  evaluator.NoteMembers(members);
  DataFindings findings;
  NEXUS_ASSIGN_OR_RETURN(findings.violations, evaluator.Run(root, violations_max));
  // An evaluation that stopped early has not seen all that the schema declares.
  if (findings.violations.size() < std::max<size_t>(violations_max, 1)) {
    NEXUS_ASSIGN_OR_RETURN(findings.undeclared, members.Undeclared(root, undeclared_max));
  }
  return findings;
}

absl::StatusOr<std::vector<Violation>> CompiledJsonSchema::UndeclaredFast(
    JsonElement root, size_t undeclared_max) const {
  DeclaredMembers members;
  if (!FastDeclared(*program_, limits_, root, members).Note(*fast_)) {
    return MakeError(ErrorReason::kLimitExceeded,
                     "the schema asks for more work on this document than is allowed");
  }
  return members.Undeclared(root, undeclared_max);
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> JsonSchemaValidator::Compile(
    const SchemaSource& source) {
  const CompileLimits limits{options_.schema_depth_max, options_.schema_bytes_max,
                             options_.nodes_max, options_.patterns_max};
  NEXUS_ASSIGN_OR_RETURN(
      std::unique_ptr<const SchemaProgram> program,
      CompileSchema(source, {options_.default_draft, options_.assert_formats}, limits));
  return std::make_shared<const CompiledJsonSchema>(
      std::move(program), options_.json_depth_max,
      EvaluationLimits{options_.nesting_max, options_.steps_max});
}

absl::StatusOr<std::string> JsonSchemaValidator::Canonical(absl::string_view definition) {
  return SimdJsonReader().Canonical(definition);
}

}  // namespace nexus::schema
