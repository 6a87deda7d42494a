// Two JSON Schemas and a document: a verdict of compatible holds for the document, a witness is
// what it claims to be, and a schema is compatible with itself.

#include <memory>
#include <string>

#include "fuzz/compare_fuzz.h"
#include "nexus/core/errors.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using fuzz::Require;

enum class Answer { kValid, kInvalid, kUnknown };

Answer Ask(const CompiledSchema& schema, absl::string_view data) {
  const auto violations = schema.Validate(data, 1);
  if (!violations.ok()) return Answer::kUnknown;
  return violations->empty() ? Answer::kValid : Answer::kInvalid;
}

void TryOnce(absl::string_view before_text, absl::string_view after_text,
             absl::string_view document) {
  JsonSchemaOptions options;
  options.steps_max = 100'000;  // so that a hostile input is not a slow one
  JsonSchemaValidator validator(options);
  SubsetLimits limits;
  limits.steps_max = 50'000;
  JsonSchemaComparer comparer(limits);
  const auto versions = fuzz::CheckedVersions(validator, comparer, before_text, after_text);
  if (!versions.has_value()) return;
  const auto& [before, after] = *versions;
  const CompatibilityVerdict verdict = fuzz::JudgedBackward(comparer, *before, *after);
  for (const CompatibilityFinding& finding : verdict.findings) {
    if (finding.witness.empty()) continue;
    Require(Ask(*before, finding.witness) == Answer::kValid, "a witness was valid",
            finding.witness);
    Require(Ask(*after, finding.witness) == Answer::kInvalid, "a witness is no longer valid",
            finding.witness);
  }
  if (!verdict.compatible() || Ask(*before, document) != Answer::kValid) return;
  Require(Ask(*after, document) != Answer::kInvalid, "compatible means that it stays valid");
}

}  // namespace
}  // namespace nexus::schema

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [before, after, document] = nexus::fuzz::Split<3>(data, size);
  nexus::schema::TryOnce(before, after, document);
  return 0;
}
