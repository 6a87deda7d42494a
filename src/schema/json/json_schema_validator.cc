#include "schema/json/json_schema_validator.h"

#include <utility>

#include "nexus/core/status_macros.h"
#include "schema/json/evaluator.h"
#include "schema/json/json_document.h"
#include "schema/json/schema_compiler.h"

namespace nexus::schema {
namespace {

class CompiledJsonSchema : public CompiledSchema {
 public:
  CompiledJsonSchema(std::unique_ptr<const SchemaProgram> program, size_t depth_max,
                     const EvaluationLimits& limits)
      : program_(std::move(program)), depth_max_(depth_max), limits_(limits) {}

  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                  size_t violations_max) const override {
    NEXUS_ASSIGN_OR_RETURN(const TransientJson json, TransientJson::Parse(data, depth_max_));
    return Evaluator(*program_, limits_).Run(json.root(), violations_max);
  }

 private:
  const std::unique_ptr<const SchemaProgram> program_;
  const size_t depth_max_;
  const EvaluationLimits limits_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledSchema>> JsonSchemaValidator::Compile(
    absl::string_view schema) {
  const Draft draft =
      options_.default_draft == JsonSchemaOptions::DefaultDraft::k7 ? Draft::k7 : Draft::k2020_12;
  const CompileLimits limits{options_.schema_depth_max, options_.nodes_max, options_.patterns_max};
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<const SchemaProgram> program,
                         CompileSchema(schema, draft, limits));
  return std::make_shared<const CompiledJsonSchema>(
      std::move(program), options_.json_depth_max,
      EvaluationLimits{options_.nesting_max, options_.steps_max});
}

}  // namespace nexus::schema
